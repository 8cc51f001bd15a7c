"""What the commands of ioctl(2) are given and what they return: `commands.py` is the map."""
