// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU's user-mode emulation: counts the instructions that the program runs between two system calls that no kernel has,
 * and prints the number, less what there was between two others when nothing was done. See mark.h.
 *
 * For one thread. QEMU counts by a call for every block of instructions, which is slower than an inline addition, but is in every
 * version of the interface.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "mark.h"

/*
 * Of QEMU's qemu-plugin.h, what is used here: Debian 12 packages QEMU with the interface, but without that file. These are in
 * version 1 of the interface as they are in version 0.
 */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_info;

enum qemu_plugin_cb_flags {
	QEMU_PLUGIN_CB_NO_REGS,
};

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
		void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
		void (*cb)(unsigned int vcpu, void *data),
		enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id,
		void (*cb)(qemu_plugin_id_t id, unsigned int vcpu, int64_t num,
			   uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
			   uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8));

int qemu_plugin_version = 1;

static uint64_t count, started, nothing;

static void run_block(unsigned int vcpu, void *insns)
{
	count += (uintptr_t)insns;
}

static void new_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	qemu_plugin_register_vcpu_tb_exec_cb(tb, run_block,
			QEMU_PLUGIN_CB_NO_REGS,
			(void *)(uintptr_t)qemu_plugin_tb_n_insns(tb));
}

static void mark(qemu_plugin_id_t id, unsigned int vcpu, int64_t num,
		 uint64_t what, uint64_t a2, uint64_t a3, uint64_t a4,
		 uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
	uint64_t now = count;


	if (num != MARK_SYSCALL)
		return;

	switch (what) {
	case MARK_NOTHING:
		nothing = now - started;
		break;
	case MARK_STOP:
		/* The program has written the beginning of the line */
		printf("%" PRIu64 "\n", now - started - nothing);
		fflush(stdout);
		break;
	}
	started = count;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
			int argc, char **argv)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, new_block);
	qemu_plugin_register_vcpu_syscall_cb(id, mark);
	return 0;
}
