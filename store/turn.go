package store

import (
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

var errNotAsked = errors.New("the store cannot be asked")

// limitMemory is how long a limit counts after a replica has last asked with it.
const limitMemory = 10 * time.Second

// turn keeps in one list for each name when its latest units began or will begin, the newest first, by Redis's clock: no
// more of them than the largest limit. Units may begin when the one that stands a whole limit before the last of them has
// left the stretch of time, and not before those that others have taken. It answers in how many microseconds that is,
// whether the units were taken, and how many begin in the stretch of time that ends then.
//
// Replicas may ask with different limits while another config is rolled out. All that were asked with lately are kept,
// whoever asks: so none takes what the strictest leaves, and none waits for ever behind those that may take more.
//
// What cannot have been written by it (a key of another type, no number, a time too far ahead) is begun anew.
var turn = redis.NewScript(`
local key, known = KEYS[1], KEYS[2]
local units, limit, per, within, farthest, memory = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function begun(index)
  local text = redis.call('LINDEX', key, index)
  return text and tonumber(text)
end

local function only(name, want)
  local kind = redis.call('TYPE', name).ok
  if kind ~= want and kind ~= 'none' then redis.call('DEL', name) end
end

only(key, 'list')
only(known, 'hash')
local length = redis.call('LLEN', key)
local newest = length > 0 and begun(0)
if length > 0 and (not newest or newest > now + farthest) then
  redis.call('DEL', key)
  length, newest = 0, false
end

local at, most, longest = now, limit, per
if newest and newest > at then at = newest end
local function keep(limit, per)
  local last = limit - math.min(units, limit)
  if length > last then
    local time = begun(last)
    if time then at = math.max(at, time + per) end
  end
end
keep(limit, per)
local all = redis.call('HGETALL', known)
for i = 1, #all, 2 do
  local other, span = string.match(all[i], '^(%d+):(%d+)$')
  local seen = tonumber(all[i + 1])
  other, span = tonumber(other), tonumber(span)
  if not other or not seen or other < 1 or other > 100000 or span > 4000000000 or seen > now or now - seen > memory then
    redis.call('HDEL', known, all[i])
  else
    keep(other, span)
    most, longest = math.max(most, other), math.max(longest, span)
  end
end
redis.call('HSET', known, string.format('%.0f:%.0f', limit, per), string.format('%.0f', now))
redis.call('PEXPIRE', known, math.ceil(memory / 1000))

local taken = at - now <= within
if taken then
  for _ = 1, units do redis.call('LPUSH', key, string.format('%.0f', at)) end
  redis.call('LTRIM', key, 0, most - 1)
  redis.call('PEXPIRE', key, math.ceil((at - now + longest) / 1000) + 1000)
end

local low, high = 0, math.min(redis.call('LLEN', key), limit)
while low < high do
  local middle = math.floor((low + high) / 2)
  local time = begun(middle)
  if time and at - time < per then low = middle + 1 else high = middle end
end
return { at - now, taken and 1 or 0, low }
`)
