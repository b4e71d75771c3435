// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for Qualcomm's secure firmware, which qcom_iommu asks to set up each context: that goes
 * well, and nothing is done.  To be loaded before a device behind that IOMMU gets its driver.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

/* At the first instruction, so the function is left as by a return of 0 */
static int succeed(struct kprobe *probe, struct pt_regs *regs)
{
	regs_set_return_value(regs, 0);
	instruction_pointer_set(regs, regs->regs[30]);
	return 1;
}

static struct kprobe restore_sec_cfg = {
	.symbol_name = "qcom_scm_restore_sec_cfg",
	.pre_handler = succeed,
};

static int __init qcom_firmware_init(void)
{
	return register_kprobe(&restore_sec_cfg);
}
module_init(qcom_firmware_init);

static void __exit qcom_firmware_exit(void)
{
	unregister_kprobe(&restore_sec_cfg);
}
module_exit(qcom_firmware_exit);

MODULE_DESCRIPTION("In place of Qualcomm's secure firmware");
MODULE_LICENSE("GPL");
