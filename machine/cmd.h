/* SPDX-License-Identifier: MIT */
/* cmd.h - what doppel can be told to do; each in its cmd_*.c. */
#ifndef MACHINE_CMD_H
#define MACHINE_CMD_H

/* Each gets the command line as main() has it and returns the exit status. */
int cmd_run(int argc, char **argv);
int cmd_classify(int argc, char **argv);

#endif
