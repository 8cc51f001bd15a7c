/* bpf: programs are loaded, run, refused with a log, pinned, asked about. */
#include "parity.h"
#include <linux/bpf.h>
#define BPF(command, ...) call(bpf, command, &(union bpf_attr){__VA_ARGS__}, sizeof(union bpf_attr))
int main(void)
{
	static char log[4096];
	char data[32] = "fourteen bytes and more", out[64];
	struct bpf_insn good[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 7}, {BPF_JMP | BPF_EXIT}};
	struct bpf_insn bad[] = {{BPF_ALU64 | BPF_MOV | BPF_X, 0, 9, 0, 0}, {BPF_JMP | BPF_EXIT}};
	struct bpf_prog_info info = {0};
	long fd = BPF(BPF_PROG_LOAD, .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = (long)good, .insn_cnt = 2,
	              .license = (long)"GPL", .prog_name = "parity");
	BPF(BPF_PROG_LOAD, .prog_type = BPF_PROG_TYPE_XDP, .insns = (long)bad, .insn_cnt = 2, .license = (long)"MIT",
	    .log_level = 1, .log_size = sizeof log, .log_buf = (long)log, .prog_flags = BPF_F_STRICT_ALIGNMENT);
	BPF(BPF_PROG_LOAD, .prog_type = 99, .insns = 0x1000, .insn_cnt = 5, .license = 0, .kern_version = 0x60100,
	    .prog_ifindex = 1, .expected_attach_type = BPF_CGROUP_INET_EGRESS);
	BPF(BPF_PROG_TEST_RUN, .test = {.prog_fd = fd, .data_size_in = 20, .data_in = (long)data, .data_size_out = 64, .data_out = (long)out, .repeat = 1});
	BPF(BPF_OBJ_GET_INFO_BY_FD, .info = {.bpf_fd = fd, .info_len = sizeof info, .info = (long)&info});
	BPF(BPF_OBJ_PIN, .pathname = (long)"absent/pin", .bpf_fd = fd);
	BPF(BPF_OBJ_GET, .pathname = (long)"absent", .file_flags = BPF_F_RDONLY);
	BPF(BPF_PROG_ATTACH, .target_fd = -1, .attach_bpf_fd = fd, .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI);
	BPF(BPF_PROG_DETACH, .target_fd = -1, .attach_bpf_fd = fd, .attach_type = 0);
	BPF(BPF_PROG_QUERY, .query = {.target_fd = -1, .attach_type = BPF_SK_SKB_STREAM_PARSER, .query_flags = BPF_F_QUERY_EFFECTIVE});
	BPF(BPF_PROG_GET_NEXT_ID, .start_id = 0x7ffffff0);
	BPF(BPF_PROG_GET_FD_BY_ID, .prog_id = 0x7ffffff0);
	BPF(BPF_MAP_GET_FD_BY_ID, .map_id = 0x7ffffff0, .open_flags = BPF_F_WRONLY);
	BPF(BPF_RAW_TRACEPOINT_OPEN, .raw_tracepoint = {.name = (long)"absent", .prog_fd = fd});
	BPF(BPF_BTF_LOAD, .btf = (long)data, .btf_size = 20, .btf_log_buf = (long)log, .btf_log_size = 128, .btf_log_level = 1);
	BPF(BPF_BTF_GET_FD_BY_ID, .btf_id = 0x7ffffff0);
	BPF(BPF_TASK_FD_QUERY, .task_fd_query = {.pid = getpid(), .fd = 0, .buf_len = 64, .buf = (long)out});
	BPF(BPF_LINK_CREATE, .link_create = {.prog_fd = fd, .target_fd = -1, .attach_type = BPF_XDP});
	BPF(BPF_LINK_UPDATE, .link_update = {.link_fd = -1, .new_prog_fd = fd, .flags = BPF_F_REPLACE, .old_prog_fd = 5});
	BPF(BPF_LINK_DETACH, .link_detach = {.link_fd = -1});
	BPF(BPF_ITER_CREATE, .iter_create = {.link_fd = -1, .flags = 0});
	BPF(BPF_ENABLE_STATS, .enable_stats = {.type = 77});
	BPF(BPF_PROG_BIND_MAP, .prog_bind_map = {.prog_fd = fd, .map_fd = -1});
	BPF(99, .map_type = 1);
}
