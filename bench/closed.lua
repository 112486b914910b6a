-- wrk's side of a closed loop: each thread has one connection, and each connection sessions of its own, so that every
-- answer is known to belong to the request before it. Threads stop by themselves once the time is up: nothing is under way
-- then, and what was acknowledged can be counted.
--
-- Arguments: scenario, begin and end of the measurement (seconds of CLOCK_MONOTONIC), threads, counts in a flow, and a
-- file with a session a line: cookie, user name, count, separated by tabs.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } same_session_time;
  int clock_gettime(int clock, same_session_time *time);
]]
local MONOTONIC = 1
local SHARING = 4 -- connections that use the same sessions in the scenario "shared"
local threads = {}
local clock = ffi.new("same_session_time")

local function now()
  ffi.C.clock_gettime(MONOTONIC, clock)
  return tonumber(clock.seconds) + tonumber(clock.nanoseconds) * 1e-9
end

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local function ask(method, path, session, body)
  local lines = { method .. " " .. path .. " HTTP/1.1", "Host: " .. wrk.host, "Accept: application/json" }
  if session.cookie ~= "" then table.insert(lines, "Cookie: " .. session.cookie) end
  if body then table.insert(lines, "Content-Type: application/x-www-form-urlencoded") end
  if method == "POST" then table.insert(lines, "Content-Length: " .. #(body or "")) end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

local function shows(session, status, body)
  return status == 200 and tonumber(body:match('"count":%s*(%d+)')) == session.count
    and body:match('"username":%s*"([^"]*)"') == session.name
end

local function keep_cookie(session, headers)
  local line = headers["set-cookie"] or headers["Set-Cookie"]
  if line then
    session.cookie = line:match("^[^;]+")
    session.asked = nil
    if session.number then cookies[session.number] = session.cookie end
  end
  return line ~= nil
end

local function counted(session, status, headers)
  if status ~= 303 then return false end
  keep_cookie(session, headers)
  session.count = session.count + 1
  acknowledged[session.number] = acknowledged[session.number] + 1
  return true
end

-- A scenario has `request`, which changes nothing, since wrk calls it once more than it asks, and `response`, which tells
-- whether the answer was right.
local scenarios = {
  ["read"] = {
    request = function(session) return ask("GET", "/", session) end,
    response = function(session, status, headers, body)
      keep_cookie(session, headers)
      return shows(session, status, body)
    end,
  },
  ["write"] = {
    request = function(session) return ask("POST", "/count", session) end,
    response = counted,
  },
  ["visitors"] = {
    request = function() return ask("POST", "/count", { cookie = "" }) end,
    response = function(_, status, headers)
      return status == 303 and (headers["set-cookie"] or headers["Set-Cookie"]) ~= nil
    end,
  },
  ["no-session"] = {
    request = function(session) return ask("GET", "/_probe/no-session", session) end,
    response = function(_, status) return status == 200 end,
  },
  ["flow"] = {
    request = function(session)
      if session.step == 0 then return ask("POST", "/user/login", { cookie = "" }, "username=" .. session.name) end
      if session.step <= counts then return ask("POST", "/count", session) end
      if session.step == counts + 1 then return ask("GET", "/", session) end
      return ask("POST", "/reset", session)
    end,
    response = function(session, status, headers, body)
      local step = session.step
      session.step, session.asked = (step + 1) % (counts + 3), nil
      if step == 0 then
        session.count = 0
        return status == 303 and keep_cookie(session, headers)
      end
      if step <= counts then return counted(session, status, headers) end
      if step == counts + 1 then return shows(session, status, body) end
      return status == 303
    end,
  },
}
scenarios["shared"] = scenarios["write"]
scenarios["ceiling"] = scenarios["no-session"]

function init(arguments)
  local name, of_all = arguments[1], tonumber(arguments[4])
  scenario, begin, finish, counts = scenarios[name], tonumber(arguments[2]), tonumber(arguments[3]), tonumber(arguments[5])
  local mine = name == "shared" and math.floor(number / SHARING) or number
  local parts = name == "shared" and math.ceil(of_all / SHARING) or of_all
  sessions, turn, good, wrong, failed = {}, 1, 0, 0, 0
  numbers, cookies, acknowledged = {}, {}, {} -- of `sessions`: wrk hands over no tables within tables
  local line_number = 0
  for line in io.lines(arguments[6]) do
    if line_number % parts == mine then
      local cookie, user, count = line:match("^([^\t]*)\t([^\t]*)\t(%d+)$")
      table.insert(sessions, { number = #sessions + 1, cookie = cookie, name = user, count = tonumber(count), step = 0 })
      table.insert(numbers, line_number)
      table.insert(cookies, cookie)
      table.insert(acknowledged, 0)
    end
    line_number = line_number + 1
  end
end

function request()
  local session = sessions[turn]
  session.asked = session.asked or scenario.request(session)
  return session.asked
end

function response(status, headers, body)
  local session, time = sessions[turn], now()
  local right = scenario.response(session, status, headers, body)
  if time >= begin and time < finish then
    if right then good = good + 1 elseif status >= 500 then failed = failed + 1 else wrong = wrong + 1 end
  end
  if session.step == 0 then turn = turn % #sessions + 1 end
  if time >= finish then
    stopped = true
    wrk.thread:stop()
  end
end

-- Tells Python: a line of totals, then a line for each session of each thread.
function done(summary, latency)
  local good, wrong, failed, running = 0, 0, 0, 0
  for _, thread in ipairs(threads) do
    good, wrong, failed = good + thread:get("good"), wrong + thread:get("wrong"), failed + thread:get("failed")
    if not thread:get("stopped") then running = running + 1 end
  end
  local errors = summary.errors
  io.write(string.format("totals\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", good, wrong, failed,
    errors.connect + errors.read + errors.write + errors.timeout, running, latency:percentile(50), latency:percentile(99)))
  for _, thread in ipairs(threads) do
    local cookies, acknowledged = thread:get("cookies"), thread:get("acknowledged")
    for each, number in ipairs(thread:get("numbers")) do
      io.write(string.format("session\t%d\t%d\t%s\n", number, acknowledged[each], cookies[each]))
    end
  end
end
