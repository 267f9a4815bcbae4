# perl-base: fork, pipes, signals, alarms, select, locks through its system calls.
cat >p.pl <<'END'
use strict; $| = 1;
pipe(my $r, my $w); my $pid = fork // die;
if (!$pid) { close $r; print $w "child $_\n" for 1..3; exit 4 }
close $w; print while <$r>; waitpid $pid, 0; print $? >> 8, "\n";
my %h = map { $_ => $_ * 2 } 1..20000; print scalar(keys %h), " $h{777}\n";
print join(",", sort { $b <=> $a } map { $_ % 7 } 1..10), "\n";
$SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 5; }; print $@;
$SIG{USR1} = sub { print "usr1 $_[0]\n" }; kill USR1 => $$;
my $out = `echo sub; exit 2`; print $out, $? >> 8, "\n";
open my $f, '+>', 'data' or die; print $f "x" x 10000; seek $f, 5000, 0; read $f, my $b, 10; print "$b ", -s $f, "\n";
truncate $f, 100; print -s $f, "\n"; close $f;
print "ok\n" if rename('data', 'data2') && !-e 'data' && unlink('data2') == 1;
mkdir 'd'; opendir my $d, '.'; print join(' ', sort readdir $d), "\n"; rmdir 'd';
my @l = (1) x 1_000_000; print scalar(@l), "\n"; undef @l;
my $s = "a" x 20_000_000; $s .= "b"; print length($s), "\n";
printf "%s %s\n", $! = 2, $!{ENOENT} ? 'ENOENT' : '' if !open my $n, '<', 'none';
my $sys = syscall 172; print $sys == $$ ? "getpid\n" : "no\n";
print "regex $1\n" if ("ab" x 1000 . "c") =~ /((?:ab)+)c/ && ($1 = 0, 1) || 1 && length($1) == 2000;
my @t = times; print scalar(@t), "\n"; print getppid() > 0, " ", getpgrp() > 0, " ", getpriority(0, 0), "\n";
local $SIG{CHLD} = 'IGNORE'; for (1..5) { fork or exit } 1 while wait != -1; print "$!\n";
exec 'sh', '-c', 'echo exec $0', 'arg';
END
sed -i '/^print "regex/d' p.pl
perl p.pl; echo $?
perl -e 'printf "%vd\n", "1.22.333"; die "on purpose\n"'; echo $?
perl -ne 'print if /^root/' /etc/passwd
