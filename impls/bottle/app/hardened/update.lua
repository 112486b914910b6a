-- Changes a session that is still there, and moves it to a new key if that differs. One round trip, all or nothing.
-- KEYS: the session's key, its key from now on
-- ARGV: idle timeout in seconds; JSON of [fields to set, fields to delete, amounts to add to counters]
local current, new = KEYS[1], KEYS[2]
if redis.call('EXISTS', current) == 0 then
  return 0
end
local set, delete, add = unpack(cjson.decode(ARGV[2]))
for field, value in pairs(set) do
  redis.call('HSET', current, field, value)
end
for _, field in ipairs(delete) do
  redis.call('HDEL', current, field)
end
for field, amount in pairs(add) do
  if type(redis.pcall('HINCRBY', current, field, amount)) == 'table' then -- an error: what is there is no count
    redis.call('HSET', current, field, amount)
  end
end
if new ~= current then
  redis.call('RENAME', current, new)
end
redis.call('EXPIRE', new, ARGV[1])
return 1
