/* Addresses of families that are seldom met: X.25, AX.25, IPX, AppleTalk, TIPC, XDP, phonet, PPP, ... */
#include "parity.h"
static void with(int family, const char *bytes, int size)
{
	struct { unsigned short family; char data[126]; } address = {family};
	memcpy(address.data, bytes, size - 2);
	call(connect, -1, &address, size);
}
#define BYTES "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37 !\"#$%&'()*+,-./0123456789"
int main(void)
{
	with(3 /* AX25 */, "\202\204\206\210\212\214\140\0\1\0\0\0", 16);
	with(4 /* IPX */, "\100\3\0\0\0\1\0\1\2\3\4\5\4\0", 16);
	with(5 /* APPLETALK */, "\200\0\0\1\5\0\0\0\0\0\0\0\0\0", 16);
	with(6 /* NETROM */, BYTES, 16);
	with(9 /* X25 */, "12345678901234\0", 18);
	with(11 /* ROSE */, BYTES, 28);
	with(21 /* RDS */, BYTES, 16);
	with(24 /* PPPOX */, "\0\0\0\0\0\0\12\0\1\2\3\4\5\6eth0\0\0\0\0\0\0\0\0\0\0\0\0", 30);
	with(26 /* LLC */, "\1\0\1\0\0\4\1\2\3\4\5\6\0\0", 16);
	with(27 /* IB */, BYTES, 40);
	with(30 /* TIPC */, "\1\2\22\0\0\0\1\0\0\0\5\0\0\0", 16);
	with(32 /* IUCV */, "\0\0\0\0\0\0\0\0USERID  NAME    ", 32);
	with(33 /* RXRPC */, "\1\0\2\0\20\0\2\0\26\56\177\0\0\1\0\0\0\0\0\0\0\0\0\0", 36);
	with(35 /* PHONET */, "\20\2\7\0\0\0\0\0\0\0\0\0\0\0", 16);
	with(37 /* CAIF */, BYTES, 24);
	with(41 /* KCM */, BYTES, 16);
	with(42 /* QIPCRTR */, "\0\0\1\0\0\0\2\0\0\0", 12);
	with(43 /* SMC */, "\0\120\177\0\0\1\0\0\0\0\0\0\0\0", 16);
	with(44 /* XDP */, "\4\0\1\0\0\0\3\0\0\0\5\0\0\0", 16);
	with(45 /* MCTP */, "\0\0\1\0\0\0\11\7\5\0", 12);
	with(0 /* UNSPEC */, "anything at all", 16);
	with(46, BYTES, 20);
	with(65535, BYTES, 5);
	with(2, BYTES, 2);
}
