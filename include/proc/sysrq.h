/* SPDX-License-Identifier: MIT */
#ifndef PROC_SYSRQ_H
#define PROC_SYSRQ_H

/* What was written to /proc/sysrq-trigger. => process context */
void handle_sysrq(char key);

#endif /* PROC_SYSRQ_H */
