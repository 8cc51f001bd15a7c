/* bpf: maps of several types are made, filled, read, walked, frozen; attributes per command. */
#include "parity.h"
#include <linux/bpf.h>
#define BPF(command, ...) call(bpf, command, &(union bpf_attr){__VA_ARGS__}, sizeof(union bpf_attr))
int main(void)
{
	uint32_t key = 1, next;
	uint64_t value = 0x1122334455667788, keys[2], values[2];
	long hash = BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 16,
	                .map_flags = BPF_F_NO_PREALLOC, .map_name = "parity_hash");
	BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 2, .map_flags = BPF_F_RDONLY_PROG);
	BPF(BPF_MAP_CREATE, .map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096, .map_name = "ring");
	BPF(BPF_MAP_CREATE, .map_type = 77, .key_size = 1, .map_flags = 0x80000000, .map_name = "b@d");
	BPF(BPF_MAP_UPDATE_ELEM, .map_fd = hash, .key = (long)&key, .value = (long)&value, .flags = BPF_NOEXIST);
	BPF(BPF_MAP_UPDATE_ELEM, .map_fd = hash, .key = (long)&key, .value = (long)&value, .flags = BPF_NOEXIST);
	BPF(BPF_MAP_LOOKUP_ELEM, .map_fd = hash, .key = (long)&key, .value = (long)&value);
	BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = hash, .key = 0, .next_key = (long)&next);
	BPF(BPF_MAP_LOOKUP_BATCH, .batch = {.out_batch = (long)&next, .keys = (long)keys, .values = (long)values, .count = 2, .map_fd = hash});
	BPF(BPF_MAP_DELETE_ELEM, .map_fd = hash, .key = (long)&key);
	BPF(BPF_MAP_LOOKUP_ELEM, .map_fd = hash, .key = (long)&key, .value = (long)&value, .flags = BPF_F_LOCK);
	BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = hash, .key = (long)&key, .value = (long)&value);
	BPF(BPF_MAP_FREEZE, .map_fd = hash);
	BPF(BPF_MAP_UPDATE_ELEM, .map_fd = -1, .key = 0x1000, .value = 0x2000, .flags = 99);
	call(bpf, BPF_MAP_CREATE, &(union bpf_attr){.map_type = BPF_MAP_TYPE_QUEUE, .value_size = 4, .max_entries = 1}, 16);
	call(bpf, BPF_MAP_CREATE, BAD, 72);
	call(bpf, BPF_MAP_CREATE, NULL, 0);
	struct { union bpf_attr attr; char more[40]; } larger = {.attr.map_fd = hash, .more = "extra"};
	call(bpf, BPF_MAP_FREEZE, &larger, sizeof larger);
}
