// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel module that writes to a page of any zone: once by a mapping that may
 * last, once by one for a moment.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

/* May sleep: all windows may be in use. */
static int fill(struct mirror *mirror, struct mirror_page *page)
{
	void *address = mirror_kmap(mirror, page);

	if (!address)
		return -ENOMEM;
	memset(address, 0x5a, PAGE_SIZE);
	return mirror_kunmap(mirror, page);
}

/* Must not sleep between the two calls, and may be called where nobody may. */
static int first_byte(struct mirror *mirror, struct mirror_page *page)
{
	u8 *address = mirror_kmap_local(mirror, page);
	int byte;

	if (!address)
		return -ENOMEM;
	byte = *address;
	return mirror_kunmap_local(mirror, address) ?: byte;
}

static int use(struct mirror *mirror, struct mirror_page *page)
{
	int ret = fill(mirror, page);

	if (ret)
		return ret;
	ret = first_byte(mirror, page);
	if (ret >= 0)
		pr_info("the page has %s address of its own, and begins with %#x\n",
			mirror_page_address(mirror, page) ? "an" : "no", ret);
	return ret;
}

static int __init example_init(void)
{
	struct mirror *mirror = mirror_mm_get();
	struct mirror_page *page;
	int ret = -ENOMEM;

	if (!mirror)
		return -ENODEV;
	page = mirror_alloc_pages(mirror, MIRROR_GFP_HIGHUSER, 0,
				  MIRROR_MM_NODE_ANY);
	if (page) {
		ret = use(mirror, page);
		mirror_free_pages(mirror, page, 0);
	}
	mirror_mm_put(mirror);
	return ret < 0 ? ret : 0;
}

static void __exit example_exit(void)
{
}

module_init(example_init);
module_exit(example_exit);
MIRROR_MM_IMPORT_NS();
MODULE_DESCRIPTION("Uses pages of a mirror that may have no address");
MODULE_LICENSE("GPL");
