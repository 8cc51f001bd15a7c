"""Cameras and their like: Video4Linux.

Source: Documentation/userspace-api/media/v4l; include/uapi/linux/{videodev2,v4l2-controls}.h.

What has other structures, DVB, media controllers, CEC, is shown by its layout alone.
"""

from __future__ import annotations

from typing import Any

from argtrace.signature.meaning import (
    ADDRESS,
    FD,
    HEX,
    Array,
    Bytes,
    Cell,
    Choice,
    Content,
    Meaning,
    String,
    Struct,
    enum,
    flags,
    struct,
)

_TYPE: dict[str, Any] = {"type": enum("v4l2_buffer_type")}
_CAPABILITIES = flags("v4l2_capabilities")
CODE = Bytes(4)
"""Four letters: YUYV."""

_PICTURE: dict[str, Any] = {
    "pixelformat": CODE,
    "field": enum("v4l2_field"),
    "colorspace": enum("v4l2_colorspace"),
}
_PLAIN = struct(
    "v4l2_pix_format",
    **_PICTURE,
    only_=("width", "height", "pixelformat", "field", "bytesperline", "sizeimage", "colorspace"),
)
_PLANES = struct(
    "v4l2_pix_format_mplane",
    **_PICTURE,
    plane_fmt=Array(struct("v4l2_plane_pix_format"), "num_planes"),
    only_=("width", "height", "pixelformat", "field", "colorspace", "plane_fmt", "num_planes"),
)
_OF_TYPE: dict[str | tuple[str, ...], Meaning] = {
    ("V4L2_BUF_TYPE_VIDEO_CAPTURE", "V4L2_BUF_TYPE_VIDEO_OUTPUT"): struct(
        "v4l2_format.fmt", pix=_PLAIN, only_=("pix",)
    ),
    ("V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE", "V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE"): struct(
        "v4l2_format.fmt", pix_mp=_PLANES, only_=("pix_mp",)
    ),
    ("V4L2_BUF_TYPE_VBI_CAPTURE", "V4L2_BUF_TYPE_VBI_OUTPUT"): struct("v4l2_format.fmt", only_=("vbi",)),
    ("V4L2_BUF_TYPE_SLICED_VBI_CAPTURE", "V4L2_BUF_TYPE_SLICED_VBI_OUTPUT"): struct(
        "v4l2_format.fmt", only_=("sliced",)
    ),
    ("V4L2_BUF_TYPE_VIDEO_OVERLAY", "V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY"): struct(
        "v4l2_format.fmt", only_=("win",)
    ),
    ("V4L2_BUF_TYPE_SDR_CAPTURE", "V4L2_BUF_TYPE_SDR_OUTPUT"): struct("v4l2_format.fmt", only_=("sdr",)),
    ("V4L2_BUF_TYPE_META_CAPTURE", "V4L2_BUF_TYPE_META_OUTPUT"): struct("v4l2_format.fmt", only_=("meta",)),
}
_WHOLE = struct("v4l2_format.fmt", only_=("raw_data",))
FORMAT = struct("v4l2_format", **_TYPE, fmt=Choice("type", "v4l2_buffer_type", _OF_TYPE, _WHOLE))

_PLACE: dict[str | tuple[str, ...], Meaning] = {
    "V4L2_MEMORY_MMAP": struct("v4l2_buffer.m", offset=HEX, only_=("offset",)),
    "V4L2_MEMORY_USERPTR": struct("v4l2_buffer.m", userptr=HEX, only_=("userptr",)),
    "V4L2_MEMORY_DMABUF": struct("v4l2_buffer.m", fd=FD, only_=("fd",)),
}
_AT = Choice("memory", "v4l2_memory", _PLACE, struct("v4l2_buffer.m", offset=HEX, only_=("offset",)))
_MANY_PLANES = ("V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE", "V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE")
BUFFER = struct(
    "v4l2_buffer",
    **_TYPE,
    flags=flags("v4l2_buffer_flags"),
    field=enum("v4l2_field"),
    memory=enum("v4l2_memory"),
    # Of many planes each has a place of its own: `length` of them.
    m=Choice(
        "type",
        "v4l2_buffer_type",
        {_MANY_PLANES: struct("v4l2_buffer.m", planes=ADDRESS, only_=("planes",))},
        _AT,
    ),
    only_=("index", "type", "bytesused", "flags", "field", "timestamp", "sequence", "memory", "m", "length"),
)
_CAPTURES = ("V4L2_BUF_TYPE_VIDEO_CAPTURE", "V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE")
_OUTPUTS = ("V4L2_BUF_TYPE_VIDEO_OUTPUT", "V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE")
PARAMETERS = struct(
    "v4l2_streamparm",
    **_TYPE,
    parm=Choice(
        "type",
        "v4l2_buffer_type",
        {
            _CAPTURES: struct("v4l2_streamparm.parm", only_=("capture",)),
            _OUTPUTS: struct("v4l2_streamparm.parm", only_=("output",)),
        },
        struct("v4l2_streamparm.parm", only_=("raw_data",)),
    ),
)

_CONTROL = struct("v4l2_control", id=enum("v4l2_control"))
_CROP = struct("v4l2_crop", **_TYPE)


def _asked(whole: Struct, *members: str) -> tuple[Content, Content]:
    """At entry, the members that the driver looks at."""
    kept = tuple(each for each in whole.members if each[0] in members)
    return Struct(whole.name, kept, None, members), whole


ARGUMENTS: dict[str | tuple[str, ...], Meaning] = {}

ENCODED: dict[str | tuple[str, ...], Content | tuple[Content, Content]] = {
    "VIDIOC_QUERYCAP": struct(
        "v4l2_capability",
        driver=String(),
        card=String(),
        bus_info=String(),
        version=HEX,
        capabilities=_CAPABILITIES,
        device_caps=_CAPABILITIES,
    ),
    "VIDIOC_ENUM_FMT": _asked(
        struct(
            "v4l2_fmtdesc", **_TYPE, flags=flags("v4l2_format_flags"), description=String(), pixelformat=CODE
        ),
        "index",
        "type",
    ),
    "VIDIOC_G_FMT": _asked(FORMAT, "type"),
    ("VIDIOC_S_FMT", "VIDIOC_TRY_FMT"): FORMAT,
    "VIDIOC_REQBUFS": struct(
        "v4l2_requestbuffers",
        **_TYPE,
        memory=enum("v4l2_memory"),
        capabilities=flags("v4l2_buffer_capabilities"),
    ),
    "VIDIOC_CREATE_BUFS": struct(
        "v4l2_create_buffers",
        memory=enum("v4l2_memory"),
        format=FORMAT,
        capabilities=flags("v4l2_buffer_capabilities"),
    ),
    "VIDIOC_QUERYBUF": _asked(BUFFER, "index", "type"),
    "VIDIOC_DQBUF": _asked(BUFFER, "type", "memory"),
    ("VIDIOC_QBUF", "VIDIOC_PREPARE_BUF"): BUFFER,
    "VIDIOC_EXPBUF": struct("v4l2_exportbuffer", **_TYPE, flags=flags("open"), fd=FD),
    ("VIDIOC_STREAMON", "VIDIOC_STREAMOFF"): Cell("int", enum("v4l2_buffer_type")),
    "VIDIOC_G_PARM": _asked(PARAMETERS, "type"),
    "VIDIOC_S_PARM": PARAMETERS,
    "VIDIOC_G_CTRL": _asked(_CONTROL, "id"),
    "VIDIOC_S_CTRL": _CONTROL,
    "VIDIOC_QUERYCTRL": _asked(
        struct(
            "v4l2_queryctrl",
            id=enum("v4l2_control"),
            type=enum("v4l2_control_type"),
            name=String(),
            flags=flags("v4l2_control_flags"),
        ),
        "id",
    ),
    "VIDIOC_QUERYMENU": _asked(
        struct("v4l2_querymenu", id=enum("v4l2_control"), name=String(), only_=("id", "index", "name")),
        "id",
        "index",
    ),
    "VIDIOC_ENUMINPUT": _asked(
        struct(
            "v4l2_input",
            name=String(),
            type=enum("v4l2_input"),
            std=HEX,
            status=flags("v4l2_input_status"),
            capabilities=flags("v4l2_input_capabilities"),
        ),
        "index",
    ),
    ("VIDIOC_G_STD", "VIDIOC_S_STD", "VIDIOC_QUERYSTD"): Cell("u64", HEX),
    "VIDIOC_CROPCAP": _asked(struct("v4l2_cropcap", **_TYPE), "type"),
    "VIDIOC_G_CROP": _asked(_CROP, "type"),
    "VIDIOC_S_CROP": _CROP,
    "VIDIOC_ENUM_FRAMESIZES": _asked(
        struct("v4l2_frmsizeenum", pixel_format=CODE, type=enum("v4l2_frame_size")), "index", "pixel_format"
    ),
    "VIDIOC_ENUM_FRAMEINTERVALS": _asked(
        struct("v4l2_frmivalenum", pixel_format=CODE, type=enum("v4l2_frame_interval")),
        *("index", "pixel_format", "width", "height"),
    ),
}

RESULTS: dict[str | tuple[str, ...], Meaning] = {}
