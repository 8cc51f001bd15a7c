/* ioctl: commands of input, KVM, random, VT, RTC, watchdogs, sound, video, MTD, GPIO by their names. */
#include "parity.h"
#include <linux/gpio.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <linux/kvm.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <linux/uinput.h>
#include <linux/vt.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
int main(void)
{
	int value = 7;
	char bytes[256] = "";
	struct input_id id = {1, 2, 3, 4};
	struct rtc_time rtc = {1, 2, 3, 4, 5, 126};
	call(ioctl, 0, EVIOCGVERSION, &value);
	call(ioctl, 0, EVIOCGID, &id);
	call(ioctl, 0, EVIOCGNAME(64), bytes);
	call(ioctl, 0, EVIOCGBIT(EV_KEY, 32), bytes);
	call(ioctl, 0, EVIOCGABS(ABS_X), bytes);
	call(ioctl, 0, EVIOCGRAB, 1);
	call(ioctl, 0, UI_DEV_CREATE);
	call(ioctl, 0, UI_SET_EVBIT, EV_KEY);
	call(ioctl, 0, KVM_GET_API_VERSION, 0);
	call(ioctl, 0, KVM_CREATE_VM, 0);
	call(ioctl, 0, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS);
	call(ioctl, 0, KVM_RUN, 0);
	call(ioctl, 0, KVM_SET_USER_MEMORY_REGION, &(struct kvm_userspace_memory_region){1, 1, 0x1000, 0x2000, 0x3000});
	call(ioctl, 0, VT_GETSTATE, bytes);
	call(ioctl, -1, VT_ACTIVATE, 3);
	call(ioctl, 0, KDGETMODE, &value);
	call(ioctl, -1, KDSKBMODE, K_UNICODE);
	call(ioctl, 0, RTC_RD_TIME, &rtc);
	call(ioctl, -1, RTC_SET_TIME, &rtc);
	call(ioctl, 0, RTC_UIE_ON);
	call(ioctl, 0, WDIOC_GETTIMEOUT, &value);
	call(ioctl, -1, WDIOC_KEEPALIVE, 0);
	call(ioctl, 0, GPIO_GET_CHIPINFO_IOCTL, bytes);
	long random = call(openat, AT_FDCWD, "/dev/urandom", O_RDONLY);
	call(ioctl, random, RNDGETENTCNT, &value);
	call(ioctl, -1, RNDADDTOENTCNT, &value);
	call(ioctl, -1, RNDADDENTROPY, bytes);
	call(ioctl, -1, RNDCLEARPOOL);
}
