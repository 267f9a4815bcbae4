/* SPDX-License-Identifier: MIT */
/* What the kernel command line said (params.c). */
#ifndef PROC_PARAMS_H
#define PROC_PARAMS_H

#include <lib/types.h>

#define COMMAND_LINE_SIZE 2048
#define MAX_INIT_ARGS	  32

struct boot_params {
	const char *command_line; /* as given, for /proc/cmdline */
	phys_addr_t mem_limit;	  /* mem=, bytes; 0: all there is */
	unsigned int max_cpus;	  /* maxcpus=, nosmp */
	const char *ktest;	  /* ktest= or NULL */
	const char *rdinit;	  /* rdinit= */
	const char *init_argv[MAX_INIT_ARGS + 1];
	const char *init_envp[MAX_INIT_ARGS + 1];
	int init_argc, init_envc;
};

extern struct boot_params boot_params;

/* => @given is terminated; once, before anything that reads boot_params */
void parse_command_line(const char *given);

#endif /* PROC_PARAMS_H */
