/* SPDX-License-Identifier: MIT */
/* The ioctl numbers of terminals (uapi/asm-generic/ioctls.h). */
#ifndef PROC_TTY_IOCTL_H
#define PROC_TTY_IOCTL_H

#define TCGETS	   0x5401U
#define TCSETS	   0x5402U
#define TCSETSW	   0x5403U
#define TCSETSF	   0x5404U
#define TCSBRK	   0x5409U
#define TCXONC	   0x540aU
#define TCFLSH	   0x540bU
#define TIOCSCTTY  0x540eU
#define TIOCGPGRP  0x540fU
#define TIOCSPGRP  0x5410U
#define TIOCOUTQ   0x5411U
#define TIOCGWINSZ 0x5413U
#define TIOCSWINSZ 0x5414U
#define TIOCINQ	   0x541bU /* FIONREAD */
#define TIOCNOTTY  0x5422U
#define TIOCSETD   0x5423U
#define TIOCGETD   0x5424U
#define TCSBRKP	   0x5425U
#define TIOCGSID   0x5429U
#define TCGETS2	   0x802c542aU
#define TCSETS2	   0x402c542bU
#define TCSETSW2   0x402c542cU
#define TCSETSF2   0x402c542dU

#define TCIFLUSH  0 /* TCFLSH */
#define TCOFLUSH  1
#define TCIOFLUSH 2
#define TCOOFF	  0 /* TCXONC */
#define TCOON	  1
#define TCIOFF	  2
#define TCION	  3

#endif /* PROC_TTY_IOCTL_H */
