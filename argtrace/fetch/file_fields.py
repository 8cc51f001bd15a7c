"""Where the kernel keeps a task's open files, their paths and their sockets: offsets from BTF.

Sources: include/linux/{fdtable,fs,dcache,mount,net}.h, fs/mount.h, include/net/{sock,af_unix}.h.
"""

from __future__ import annotations

from argtrace.errors import NotFound
from argtrace.fetch.fields import Types
from argtrace.value import frozen


@frozen
class FileFields:
    """Offsets in bytes; the first word of each name is the structure. None: not in this kernel."""

    task_files: int
    task_fs: int
    fs_users: int
    fs_pwd_mnt: int
    fs_pwd_dentry: int
    files_count: int
    files_fdt: int
    fdt_max_fds: int
    fdt_fd: int
    file_inode: int
    file_mnt: int
    file_dentry: int
    file_private: int
    inode_ino: int
    inode_mode: int
    inode_rdev: int
    inode_sb: int
    sb_magic: int
    dentry_name: int
    dentry_parent: int
    dentry_hashed: int
    vfsmount_root: int
    mount_mnt: int
    mount_parent: int
    mount_mountpoint: int
    socket_sk: int
    socket_type: int
    alloc_socket: int
    alloc_inode: int
    sock_family: int
    sock_num: int
    sock_dport: int
    sock_local: int
    sock_remote: int
    sock_local6: int | None
    sock_remote6: int | None
    sock_protocol: int
    sock_socket: int
    unix_peer: int | None
    unix_addr: int | None
    unix_address_len: int | None
    unix_address_name: int | None
    netlink_portid: int | None


def find(types: Types) -> FileFields:
    """Raises NotFound where a kernel has not what a path takes; some socket families may be missing."""

    def at(struct: str, path: str) -> int:
        return types.field(struct, path).offset

    def maybe(struct: str, path: str) -> int | None:
        try:
            return at(struct, path)
        except NotFound:
            return None

    return FileFields(
        task_files=at("task_struct", "files"),
        task_fs=at("task_struct", "fs"),
        fs_users=at("fs_struct", "users"),
        fs_pwd_mnt=at("fs_struct", "pwd.mnt"),
        fs_pwd_dentry=at("fs_struct", "pwd.dentry"),
        files_count=at("files_struct", "count"),
        files_fdt=at("files_struct", "fdt"),
        fdt_max_fds=at("fdtable", "max_fds"),
        fdt_fd=at("fdtable", "fd"),
        file_inode=at("file", "f_inode"),
        file_mnt=at("file", "f_path.mnt"),
        file_dentry=at("file", "f_path.dentry"),
        file_private=at("file", "private_data"),
        inode_ino=at("inode", "i_ino"),
        inode_mode=at("inode", "i_mode"),
        inode_rdev=at("inode", "i_rdev"),
        inode_sb=at("inode", "i_sb"),
        sb_magic=at("super_block", "s_magic"),
        dentry_name=at("dentry", "d_name.name"),
        dentry_parent=at("dentry", "d_parent"),
        dentry_hashed=at("dentry", "d_hash.pprev"),
        vfsmount_root=at("vfsmount", "mnt_root"),
        mount_mnt=at("mount", "mnt"),
        mount_parent=at("mount", "mnt_parent"),
        mount_mountpoint=at("mount", "mnt_mountpoint"),
        socket_sk=at("socket", "sk"),
        socket_type=at("socket", "type"),
        alloc_socket=at("socket_alloc", "socket"),
        alloc_inode=at("socket_alloc", "vfs_inode"),
        sock_family=at("sock", "__sk_common.skc_family"),
        sock_num=at("sock", "__sk_common.skc_num"),
        sock_dport=at("sock", "__sk_common.skc_dport"),
        sock_local=at("sock", "__sk_common.skc_rcv_saddr"),
        sock_remote=at("sock", "__sk_common.skc_daddr"),
        sock_local6=maybe("sock", "__sk_common.skc_v6_rcv_saddr"),
        sock_remote6=maybe("sock", "__sk_common.skc_v6_daddr"),
        sock_protocol=at("sock", "sk_protocol"),
        sock_socket=at("sock", "sk_socket"),
        unix_peer=maybe("unix_sock", "peer"),
        unix_addr=maybe("unix_sock", "addr"),
        unix_address_len=maybe("unix_address", "len"),
        unix_address_name=maybe("unix_address", "name"),
        netlink_portid=maybe("netlink_sock", "portid"),
    )
