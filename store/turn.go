package store

import (
	"errors"

	"github.com/redis/go-redis/v9"
)

var errNotAsked = errors.New("the store cannot be asked")

// turn keeps in one list for each limit when its latest units began or will begin, the newest first, by Redis's clock: no
// more of them than the limit. Units may begin when the one that stands a whole limit before the last of them has left the
// stretch of time, and not before those that others have taken. It answers in how many microseconds that is, whether the
// units were taken, and how many begin in the stretch of time that ends then.
//
// What cannot have been written by it (a key that is no list, no number, a time too far ahead) is begun anew.
var turn = redis.NewScript(`
local key, units, limit, per, within, farthest = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function begun(index)
  local text = redis.call('LINDEX', key, index)
  return text and tonumber(text)
end

local kind = redis.call('TYPE', key).ok
if kind ~= 'list' and kind ~= 'none' then redis.call('DEL', key) end
local length = redis.call('LLEN', key)
local newest = length > 0 and begun(0)
if length > 0 and (not newest or newest > now + farthest) then
  redis.call('DEL', key)
  length, newest = 0, false
end

local at = now
if newest and newest > at then at = newest end
if length > limit - units then at = math.max(at, begun(limit - units) + per) end

local taken = at - now <= within
if taken then
  for _ = 1, units do redis.call('LPUSH', key, string.format('%.0f', at)) end
  redis.call('LTRIM', key, 0, limit - 1)
  redis.call('PEXPIRE', key, math.ceil((at - now + per) / 1000) + 1000)
end

local low, high = 0, math.min(redis.call('LLEN', key), limit)
while low < high do
  local middle = math.floor((low + high) / 2)
  if at - begun(middle) < per then low = middle + 1 else high = middle end
end
return { at - now, taken and 1 or 0, low }
`)
