/* landlock: versions, rulesets, rules of each type, restriction. */
#include "parity.h"
#include <linux/landlock.h>
#include <linux/prctl.h>
int main(void)
{
	struct { uint64_t fs, net, scoped; } newer = {LANDLOCK_ACCESS_FS_EXECUTE, 0x3, 0x1};
	struct landlock_ruleset_attr attr = {LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR};
	struct { uint64_t access; int fd; } __attribute__((packed)) beneath = {LANDLOCK_ACCESS_FS_READ_FILE};
	call(landlock_create_ruleset, NULL, 0ul, LANDLOCK_CREATE_RULESET_VERSION);
	long fd = call(landlock_create_ruleset, &attr, 8ul, 0);
	call(landlock_create_ruleset, &newer, sizeof newer, 0);
	call(landlock_create_ruleset, &attr, 4ul, 0);
	call(landlock_create_ruleset, BAD, 8ul, 0x70);
	beneath.fd = call(openat, AT_FDCWD, ".", O_PATH);
	call(landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	beneath.access = 1ull << 50;
	call(landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	struct { uint64_t access, port; } port = {0x1, 8080};
	call(landlock_add_rule, fd, 2, &port, 0);
	call(landlock_add_rule, -1, 77, BAD, 5);
	call(landlock_restrict_self, fd, 0);
	call(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	call(landlock_restrict_self, fd, 0);
	call(landlock_restrict_self, -1, 9);
	call(mkdir, "refused", 0755);
}
