/* The system's file operations without waiting for the disk: for tests that write thousands of files and look at what the operations
 * report, not at what survives a power cut. */
#ifndef SUPPORT_UNSYNCED_IO_H
#define SUPPORT_UNSYNCED_IO_H

#include "base/file_io.h"

base_io unsynced_io(void);

#endif
