// SPDX-License-Identifier: GPL-2.0
/*
 * Policies by name.
 *
 * The default has no hooks at all: every decision is then the one compiled in
 * line where it is made. See policy.h for the decision points.
 */
#include "internal.h"

DEFINE_STATIC_KEY_FALSE(mirror_policy_key);

const struct mirror_policy mirror_policy_612 = {
	.name = "linux-6.12",
};

static bool always_to_head(const struct mirror_zone *zone, u32 idx,
			   u32 buddy_idx, unsigned int order)
{
	return false;
}

/*
 * Plain last-in first-out free lists, without the guess whether a block is
 * about to merge. For comparison: it fragments sooner.
 */
const struct mirror_policy mirror_policy_lifo = {
	.name = "lifo",
	.free_to_tail = always_to_head,
};

static const struct mirror_policy * const policies[] = {
	&mirror_policy_612,
	&mirror_policy_lifo,
};

/**
 * mirror_policy_find - look a policy up
 * @name: its name
 *
 * Context: Any.
 * Return: the policy, or NULL where there is none of that name.
 */
const struct mirror_policy *mirror_policy_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (!strcmp(policies[i]->name, name))
			return policies[i];
	return mirror_fault_find(name);
}

/**
 * mirror_policy_attach - let a mirror decide by a policy
 * @m: the mirror, not in use yet
 * @policy: NULL for that of Linux 6.12
 *
 * Context: Process context; may sleep to patch code.
 */
void mirror_policy_attach(struct mirror *m, const struct mirror_policy *policy)
{
	m->policy = policy ?: &mirror_policy_612;
	if (m->policy != &mirror_policy_612)
		static_branch_inc(&mirror_policy_key);
}

/**
 * mirror_policy_detach - the opposite, when the mirror goes
 * @m: the mirror
 *
 * Context: Process context; may sleep to patch code.
 */
void mirror_policy_detach(struct mirror *m)
{
	if (m->policy && m->policy != &mirror_policy_612)
		static_branch_dec(&mirror_policy_key);
	m->policy = NULL;
}
