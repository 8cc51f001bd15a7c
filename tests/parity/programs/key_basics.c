/* add_key, request_key, keyctl: keys and keyrings of this process, read, changed, found, revoked. */
#include "parity.h"
#include <linux/keyctl.h>
int main(void)
{
	char buffer[256];
	call(keyctl, KEYCTL_JOIN_SESSION_KEYRING, "parity", 0, 0, 0);
	int ring = KEY_SPEC_PROCESS_KEYRING;
	long key = call(add_key, "user", "a description", "the payload\0\1", 13ul, ring);
	call(add_key, "keyring", "ring", NULL, 0ul, KEY_SPEC_SESSION_KEYRING);
	call(add_key, "absent", "x", BAD, 5ul, -77);
	call(request_key, "user", "a description", NULL, ring);
	call(request_key, "user", "absent", "call out", 0);
	call(keyctl, KEYCTL_GET_KEYRING_ID, ring, 0, 0, 0);
	call(keyctl, KEYCTL_DESCRIBE, key, buffer, sizeof buffer, 0);
	call(keyctl, KEYCTL_READ, key, buffer, sizeof buffer, 0);
	call(keyctl, KEYCTL_READ, key, buffer, 3ul, 0);
	call(keyctl, KEYCTL_READ, ring, buffer, sizeof buffer, 0);
	call(keyctl, KEYCTL_UPDATE, key, "other", 5ul, 0);
	call(keyctl, KEYCTL_SEARCH, ring, "user", "a description", 0);
	call(keyctl, KEYCTL_CHOWN, key, -1, 0, 0);
	call(keyctl, KEYCTL_SETPERM, key, 0x3f010100, 0, 0);
	call(keyctl, KEYCTL_SET_TIMEOUT, key, 100, 0, 0);
	call(keyctl, KEYCTL_GET_SECURITY, key, buffer, sizeof buffer, 0);
	call(keyctl, KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_THREAD_KEYRING, 0, 0, 0);
	call(keyctl, KEYCTL_LINK, key, KEY_SPEC_SESSION_KEYRING, 0, 0);
	call(keyctl, KEYCTL_UNLINK, key, KEY_SPEC_SESSION_KEYRING, 0, 0);
	call(keyctl, KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
	call(keyctl, KEYCTL_INVALIDATE, key, 0, 0, 0);
	call(keyctl, KEYCTL_REVOKE, key, 0, 0, 0);
	call(keyctl, KEYCTL_DESCRIBE, 0x7ffffff0, NULL, 0ul, 0);
}
