/* ioctl: a camera's, a pin's, a clock's, a keyboard's structures, given to a descriptor that is none of these. */
#include "parity.h"
#include <linux/gpio.h>
#include <linux/input.h>
#include <linux/ptp_clock.h>
#include <linux/uinput.h>
#include <linux/videodev2.h>
#include <mtd/mtd-user.h>
#include <sys/ioctl.h>
int main(void)
{
	call(ioctl, -1, VIDIOC_REQBUFS, &(struct v4l2_requestbuffers){4, V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP});
	call(ioctl, -1, VIDIOC_STREAMON, &(int){V4L2_BUF_TYPE_VIDEO_CAPTURE});
	call(ioctl, -1, VIDIOC_G_CTRL, &(struct v4l2_control){V4L2_CID_BRIGHTNESS, 1});
	call(ioctl, -1, VIDIOC_S_CTRL, &(struct v4l2_control){V4L2_CID_BRIGHTNESS, 1});
	call(ioctl, -1, VIDIOC_QUERYCTRL, &(struct v4l2_queryctrl){V4L2_CID_CONTRAST});
	call(ioctl, -1, VIDIOC_CROPCAP, &(struct v4l2_cropcap){V4L2_BUF_TYPE_VIDEO_CAPTURE});
	call(ioctl, -1, VIDIOC_S_CROP, &(struct v4l2_crop){V4L2_BUF_TYPE_VIDEO_CAPTURE, {1, 2, 3, 4}});
	call(ioctl, -1, VIDIOC_QUERYCAP, BAD);
	struct gpiohandle_request handle = {{3, 4}, GPIOHANDLE_REQUEST_OUTPUT, {1, 0}, "label", 2};
	call(ioctl, -1, GPIO_GET_LINEHANDLE_IOCTL, &handle);
	call(ioctl, -1, GPIO_GET_LINEINFO_IOCTL, &(struct gpioline_info){5});
	struct gpio_v2_line_request lines = {{3}, "label", {GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING}, 1};
	call(ioctl, -1, GPIO_V2_GET_LINE_IOCTL, &lines);
	call(ioctl, -1, PTP_EXTTS_REQUEST, &(struct ptp_extts_request){1, PTP_ENABLE_FEATURE | PTP_RISING_EDGE});
	call(ioctl, -1, PTP_PIN_SETFUNC, &(struct ptp_pin_desc){"pin", 1, PTP_PF_EXTTS, 2});
	call(ioctl, -1, EVIOCSABS(ABS_X), &(struct input_absinfo){1, 2, 3, 4, 5, 6});
	call(ioctl, -1, EVIOCSREP, (unsigned[]){250, 33});
	call(ioctl, -1, EVIOCSKEYCODE, (unsigned[]){1, KEY_A});
	call(ioctl, -1, EVIOCSCLOCKID, &(int){CLOCK_MONOTONIC});
	call(ioctl, -1, UI_DEV_SETUP, &(struct uinput_setup){{BUS_USB, 1, 2, 3}, "name", 4});
	call(ioctl, -1, MEMERASE, &(struct erase_info_user){4096, 8192});
}
