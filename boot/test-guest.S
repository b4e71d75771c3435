/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What boot/test-runner boots instead of a kernel.  It sends the text behind it to the UART of QEMU's
 * virt machine.  In that text a byte of 0 powers off, 255 hangs, and 1 is sent as a letter that depends
 * on the time.
 */
	.global _start
_start:
	adr	x1, text
	mov	x2, #0x09000000		// the PL011's data register
next:
	ldrb	w3, [x1], #1
	cbz	w3, power_off
	cmp	w3, #255
	b.eq	.
	cmp	w3, #1
	b.ne	send
	mrs	x3, cntvct_el0
	and	w3, w3, #15
	add	w3, w3, #'a'
send:
	str	w3, [x2]
	b	next
power_off:
	mov	w0, #0x84000000		// PSCI's SYSTEM_OFF
	movk	w0, #8
	hvc	#0
	b	.
text:
