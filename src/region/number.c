// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers, sizes and lists in parameters. All parameters are read by these, so that
 * what can be written in one can be written in all: decimal, hexadecimal with 0x,
 * octal with a leading 0, suffixes and words in either case, a newline at the end.
 *
 * What cannot be read is answered with the reason, for the line in the log.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include "region.h"

static const char has_blank[] =
	"there is a blank in it, and the kernel takes parameters apart at blanks";

static bool at_end(const char *text)
{
	return !*text || (*text == '\n' && !text[1]);
}

/**
 * mirror_is_word - is this the whole of a parameter?
 * @text: the parameter
 * @word: in either case
 *
 * Context: Any.
 * Return: whether it is.
 */
bool mirror_is_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return !strncasecmp(text, word, len) && at_end(text + len);
}

/**
 * mirror_read_number - read a number without a suffix
 * @text: where; moved behind the number
 * @value: gets it
 *
 * Context: Any.
 * Return: NULL, or the reason why there is none.
 */
const char *mirror_read_number(const char **text, u64 *value)
{
	bool hex = (*text)[0] == '0' && tolower((*text)[1]) == 'x';
	size_t len = hex ? 2 + strspn(*text + 2, "0123456789abcdefABCDEF") :
			   strspn(*text, "0123456789");
	char digits[24];
	int ret;

	if (isspace(**text) && !at_end(*text))
		return has_blank;
	if (!len)
		return "a number is missing";
	if (len >= sizeof(digits))
		return "a number is too large";
	memcpy(digits, *text, len);
	digits[len] = '\0';
	ret = kstrtoull(digits, 0, value);
	if (ret)
		return ret == -ERANGE ? "a number is too large" :
					"a number with a digit that it cannot have";
	*text += len;
	return NULL;
}

/**
 * mirror_read_size - read a number with K, M, G, T, P or E behind it
 * @text: where; moved behind the size
 * @value: gets the bytes
 *
 * Unlike memparse(), it does not cut what is past 64 bits.
 *
 * Context: Any.
 * Return: NULL, or the reason why there is none.
 */
const char *mirror_read_size(const char **text, u64 *value)
{
	static const char suffixes[] = "KMGTPE";
	const char *why = mirror_read_number(text, value), *suffix;

	if (why)
		return why;
	suffix = **text ? strchr(suffixes, toupper(**text)) : NULL;
	if (suffix) {
		++*text;
		if (check_shl_overflow(*value, 10 * (suffix - suffixes + 1),
				       value))
			return "a number is too large";
	}
	if (tolower(**text) == 'b' || !strncasecmp(*text, "ib", 2))
		return "sizes end in K, M, G, T, P or E, without B";
	return NULL;
}

/**
 * mirror_read_node - read the node that may stand behind a range
 * @text: where; moved behind the colon and the node
 * @nid: gets the node, NUMA_NO_NODE where there is no colon
 *
 * Context: Any.
 * Return: NULL, or the reason why it is none.
 */
const char *mirror_read_node(const char **text, int *nid)
{
	u64 value;

	*nid = NUMA_NO_NODE;
	if (**text != ':')
		return NULL;
	++*text;
	static_assert(MIRROR_MAX_NODES == 64);
	if (mirror_read_number(text, &value) || value >= MIRROR_MAX_NODES)
		return "a node is a number from 0 to 63";
	*nid = value;
	return NULL;
}

/**
 * mirror_list_next - what follows an entry of a list?
 * @text: behind the entry; moved to the next one
 * @more: whether there is one
 *
 * Context: Any.
 * Return: NULL, or the reason why neither an entry nor the end follows.
 */
const char *mirror_list_next(const char **text, bool *more)
{
	*more = **text == ',';
	if (!*more && at_end(*text))
		return NULL;
	if (!*more)
		return isspace(**text) ? has_blank :
		       "something follows that does not belong there";
	++*text;
	if (at_end(*text))
		return "nothing follows the last comma; a blank behind it ends the parameter";
	return isspace(**text) ? has_blank : NULL;
}
