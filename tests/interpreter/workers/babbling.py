"""Says what nobody can read."""

import sys

if __name__ == "__main__":
    sys.stdin.buffer.readline()
    sys.stdout.write("a plan, a plan\n")
