/* Addresses of Bluetooth, CAN, NFC and 802.15.4: no such socket needs to be there. */
#include "parity.h"
#include <linux/can.h>
int main(void)
{
	struct { unsigned short family, device, channel; } hci = {AF_BLUETOOTH, 3, 1};
	call(bind, -1, &hci, sizeof hci);
	struct { unsigned short family, psm; unsigned char address[6]; unsigned short cid; unsigned char type; } l2 =
		{AF_BLUETOOTH, 0x1001, {0x11, 0x22, 0x33, 0x44, 0x55, 0x66}, 0x4, 1};
	call(connect, -1, &l2, sizeof l2);
	struct { unsigned short family; unsigned char address[6]; unsigned char channel; } rc =
		{AF_BLUETOOTH, {0x11, 0x22, 0x33, 0x44, 0x55, 0x66}, 9};
	call(connect, -1, &rc, sizeof rc);
	struct { unsigned short family; unsigned char address[6]; } sco = {AF_BLUETOOTH, {1, 2, 3, 4, 5, 6}};
	call(connect, -1, &sco, sizeof sco);
	struct sockaddr_can can = {AF_CAN, 1};
	can.can_addr.tp.rx_id = 0x123;
	can.can_addr.tp.tx_id = 0x80000456;
	call(bind, -1, &can, sizeof can);
	call(bind, -1, &can, 16);
	call(bind, -1, &can, 8);
	struct { unsigned short family; int device, target, protocol; } nfc = {39, 1, 2, 3};
	call(connect, -1, &nfc, sizeof nfc);
	struct { unsigned short family; int mode; unsigned short pan; unsigned long long hw; } ieee = {36, 3, 0x1234, 0x5566778899};
	call(connect, -1, &ieee, sizeof ieee);
}
