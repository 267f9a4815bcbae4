# memtester locks its memory and writes patterns; the mask leaves the quick tests.
ulimit -l; MEMTESTER_TEST_MASK=0xff memtester 1M 1 >out; echo $?
tr -d '\b\r' <out | sed 's/[-\\|/]*\(setting\|testing\) *[0-9]*//g; s/ \{2,\}/ /g'
