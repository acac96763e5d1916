#!/bin/bash
# The selftests on a stock 32-bit kernel, where HIGHMEM is more than a name.
# Prints KTAP.
exec "$(dirname "$0")/memory-highmem.sh" i386
