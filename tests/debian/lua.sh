# lua5.4: its collector, coroutines, strings, files and pipes.
cat >p.lua <<'END'
local t = {}
for i = 1, 100000 do t[i] = { i, tostring(i) } end
local full = collectgarbage("count")
t = nil; collectgarbage(); collectgarbage()
print(full > 8000, collectgarbage("count") < 200)
local weak = setmetatable({}, { __mode = "v" })
weak[1] = {}; weak[2] = print; collectgarbage()
print(weak[1], weak[2] == print)
local closed = {}
do local x <close> = setmetatable({}, { __close = function() closed[#closed + 1] = "closed" end }) end
setmetatable({}, { __gc = function() closed[#closed + 1] = "collected" end }); collectgarbage()
print(table.concat(closed, " "))
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
print(co(), co(), co())
print(("%5.2f|%x|%q"):format(math.pi, 255, "a\nb"), ("quire"):rep(3, "-"), ("a1b22"):gsub("%d+", "<%0>"))
local parts = {}; for i = 1, 50000 do parts[i] = string.char(97 + i % 26) end
print(#table.concat(parts))
table.sort(parts); print(parts[1], parts[#parts])
local name = os.tmpname(); local f = assert(io.open(name, "w"))
f:write("one\ntwo\n", 3, "\n"); f:seek("set", 4); f:write("TWO"); f:close()
for l in io.lines(name) do io.write(l, ";") end print()
print(os.remove(name), io.open(name) == nil)
local p = io.popen("cat >&2; exit 3", "w"); p:write("through a pipe\n"); print(p:close())
print(os.execute("kill -9 $$"))
print(pcall(error, { 1 }), select("#", pcall(string.rep, "x", -1)))
print(1 // 0.0, 7 // 2, 7 % -3, 2^53, math.maxinteger + 1 == math.mininteger, 0x7fp3)
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
print(depth(15000), pcall(function() local function r() return 1 + r() end return r() end) == false)
END
lua5.4 p.lua; echo $?
lua5.4 -e 'error("on purpose")' 2>&1 | head -1
echo 'print(6*7)' | lua5.4 -
