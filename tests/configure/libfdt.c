/* SPDX-License-Identifier: MIT */
/* libfdt.c - links where libfdt can write a tree from nothing; Debian gives it no .pc file. */
#include <libfdt.h>

int main(void)
{
    char buf[256];

    return fdt_create_empty_tree(buf, sizeof buf) || fdt_check_header(buf);
}
