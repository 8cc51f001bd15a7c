/* capget, capset: headers and data, each version. */
#include "parity.h"
#include <linux/capability.h>
int main(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	call(capget, &head, data);
	head.pid = getpid();
	call(capget, &head, data);
	CHILD(data[0].effective &= ~(1 << CAP_SYS_TIME | 1 << CAP_NET_RAW); data[0].inheritable = 1 << CAP_CHOWN;
	      head.pid = 0; call(capset, &head, data); call(capget, &head, data));
	head.version = _LINUX_CAPABILITY_VERSION_1;
	call(capget, &head, data);
	head.version = 0x1234;
	call(capget, &head, data);
	head.version = 0;
	call(capget, &head, NULL);
	call(capget, NULL, data);
	call(capset, BAD, BAD);
	head = (struct __user_cap_header_struct){_LINUX_CAPABILITY_VERSION_3, 99999999};
	call(capget, &head, data);
	call(capset, &head, data);
}
