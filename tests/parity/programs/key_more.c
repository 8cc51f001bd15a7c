/* keyctl: what is seldom used: instantiate, reject, Diffie-Hellman, public keys, restrictions, moves. */
#include "parity.h"
#include <linux/keyctl.h>
int main(void)
{
	char buffer[64];
	struct iovec vector[2] = {{"pay", 3}, {"load", 4}};
	struct keyctl_dh_params dh = {{1}, 2, 3};
	struct keyctl_kdf_params kdf = {"sha256", "info", 4};
	struct keyctl_pkey_query query;
	struct keyctl_pkey_params pkey = {77, 10, {20}};
	unsigned char capabilities[4];
	call(keyctl, KEYCTL_INSTANTIATE, 1, "payload", 7ul, 0);
	call(keyctl, KEYCTL_INSTANTIATE_IOV, 1, vector, 2ul, KEY_SPEC_THREAD_KEYRING);
	call(keyctl, KEYCTL_NEGATE, 1, 30, KEY_SPEC_USER_KEYRING, 0);
	call(keyctl, KEYCTL_REJECT, 1, 30, ENOKEY, 0);
	call(keyctl, KEYCTL_ASSUME_AUTHORITY, 99, 0, 0, 0);
	call(keyctl, KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0);
	call(keyctl, KEYCTL_GET_PERSISTENT, 12345678, KEY_SPEC_GROUP_KEYRING, 0, 0);
	call(keyctl, KEYCTL_DH_COMPUTE, &dh, buffer, sizeof buffer, NULL);
	call(keyctl, KEYCTL_DH_COMPUTE, &dh, buffer, sizeof buffer, &kdf);
	call(keyctl, KEYCTL_RESTRICT_KEYRING, 1, "asymmetric", "builtin_trusted", 0);
	call(keyctl, KEYCTL_PKEY_QUERY, 77, 0, "enc=pkcs1", &query);
	call(keyctl, KEYCTL_PKEY_SIGN, &pkey, "enc=pkcs1 hash=sha256", "data to sign", buffer);
	call(keyctl, KEYCTL_PKEY_VERIFY, &pkey, "enc=raw", "some data.", "a signature here....");
	call(keyctl, KEYCTL_MOVE, 1, 2, 3, KEYCTL_MOVE_EXCL);
	call(keyctl, KEYCTL_CAPABILITIES, capabilities, sizeof capabilities, 0, 0);
	call(keyctl, KEYCTL_WATCH_KEY, 1, -1, 5, 0);
	call(keyctl, 77, 1ul, 2ul, 3ul, 4ul);
	call(keyctl, KEYCTL_DH_COMPUTE, BAD, BAD, 5ul, BAD);
}
