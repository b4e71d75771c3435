/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DMA engine of QEMU's "edu" device, one word at a time (QEMU's docs/specs/edu).
 *
 * It moves data between memory and a buffer of its own, which the CPU does not see.  So a word goes
 * in and out of the buffer through memory that the device can always reach, and a test is to map:
 * the scratch word.  An access that the IOMMU refuses shows in the data alone: the memory is as it
 * was, or the buffer is (or zero).  Hence each word must be one that was never used before, which
 * edu_fresh() gives.
 *
 * A DMA happens 100 ms after it was started, on QEMU's virtual clock.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/iopoll.h>
#include <linux/pci.h>

#define EDU_ID			0x00
#define EDU_SRC			0x80
#define EDU_DST			0x88
#define EDU_COUNT		0x90
#define EDU_CMD			0x98
#define EDU_CMD_RUN		BIT(0)
#define EDU_CMD_TO_MEMORY	BIT(1)
#define EDU_BUFFER		0x40000

struct edu {
	void __iomem *regs;
	u32 *scratch;			/* set by the test, as is */
	dma_addr_t scratch_iova;	/* what the device calls it */
	u32 word;			/* what is in the buffer */
};

/* A word that is not 0 and was not used before. */
static inline u32 edu_fresh(void)
{
	static u32 count;

	return ++count * 0x9e3779b1U;
}

static inline int edu_init(struct edu *edu, struct device *dev)
{
	struct pci_dev *pdev;
	int ret;

	/* Nothing is tried on a device of anybody else */
	if (!dev_is_pci(dev))
		return -ENODEV;
	pdev = to_pci_dev(dev);
	if (pdev->vendor != 0x1234 || pdev->device != 0x11e8)
		return -ENODEV;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	pci_set_master(pdev);
	/* As wide as what edu_set() can write everywhere */
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));
	if (ret)
		return ret;
	edu->regs = pcim_iomap(pdev, 0, 0);
	if (!edu->regs)
		return -ENOMEM;
	return (readl(edu->regs + EDU_ID) & 0xff) == 0xed ? 0 : -ENODEV;
}

/* The device takes what is written to half of a register for all of it. */
static inline void edu_set(struct edu *edu, unsigned int reg, u64 val)
{
#ifdef writeq
	writeq(val, edu->regs + reg);
#else
	writel(val, edu->regs + reg);
#endif
}

static inline void edu_start(struct edu *edu, u64 src, u64 dst, u32 direction)
{
	edu_set(edu, EDU_SRC, src);
	edu_set(edu, EDU_DST, dst);
	edu_set(edu, EDU_COUNT, sizeof(u32));
	edu_set(edu, EDU_CMD, EDU_CMD_RUN | direction);
}

static inline int edu_wait(struct edu *edu)
{
	u32 cmd;

	/* Of the 100 ms that a DMA takes */
	if (readl(edu->regs + EDU_CMD) & EDU_CMD_RUN)
		msleep(90);
	return readl_poll_timeout(edu->regs + EDU_CMD, cmd, !(cmd & EDU_CMD_RUN),
				  10 * USEC_PER_MSEC, 10 * USEC_PER_SEC);
}

/* Lets the device write @word to memory, some 100 ms from now: before edu_wait() returns. */
static inline int edu_start_write(struct edu *edu, dma_addr_t iova, u32 word)
{
	int ret;

	WRITE_ONCE(*edu->scratch, word);
	edu_start(edu, edu->scratch_iova, EDU_BUFFER, 0);
	ret = edu_wait(edu);
	if (ret)
		return ret;
	edu->word = word;
	edu_start(edu, EDU_BUFFER, iova, EDU_CMD_TO_MEMORY);
	return 0;
}

/* Only the caller can see in the memory whether it went through. */
static inline int edu_write(struct edu *edu, dma_addr_t iova, u32 word)
{
	return edu_start_write(edu, iova, word) ?: edu_wait(edu);
}

/* Lets the device read: 1 when it went through, with the word, 0 when not, or an error. */
static inline int edu_read(struct edu *edu, dma_addr_t iova, u32 *word)
{
	u32 before = edu->word;
	int ret;

	edu_start(edu, iova, EDU_BUFFER, 0);
	ret = edu_wait(edu);
	if (ret)
		return ret;
	WRITE_ONCE(*edu->scratch, ~before);
	edu_start(edu, EDU_BUFFER, edu->scratch_iova, EDU_CMD_TO_MEMORY);
	ret = edu_wait(edu);
	if (ret)
		return ret;
	*word = READ_ONCE(*edu->scratch);
	if (*word == ~before)
		return -EIO;	/* unless the memory had just that, which is not a fresh word */
	edu->word = *word;
	return *word && *word != before;
}
