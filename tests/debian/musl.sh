# A program linked with musl, once static, once with musl's own loader.
/t/musl-static arg; echo $?
/t/musl-dynamic arg; echo $?
ls /t/nosuch-loader >/dev/null && /t/nosuch-loader; echo $?
