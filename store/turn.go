package store

import (
	"errors"

	"github.com/redis/go-redis/v9"
)

var errNotAsked = errors.New("the store cannot be asked")

// turn counts in one list for each limit when its latest units began, the newest first, by Redis's clock. Units may begin
// when the one that stands a whole limit before the last of them has left the stretch of time. It answers how many
// microseconds are to be waited (0: the units were taken) and how many units began in the stretch of time.
//
// A time to come was written before the clock was set back, and counts for nothing. A key that is no list is somebody
// else's, and is replaced.
var turn = redis.NewScript(`
local key, units, limit, per = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local kind = redis.call('TYPE', key).ok
if kind ~= 'list' and kind ~= 'none' then redis.call('DEL', key) end
local newest = redis.call('LINDEX', key, 0)
if newest and (tonumber(newest) == nil or tonumber(newest) > now) then redis.call('DEL', key) end

local function age(index)
  local at = tonumber(redis.call('LINDEX', key, index) or nil)
  return at and now - at or per
end

local low, high = 0, math.min(redis.call('LLEN', key), limit)
while low < high do
  local middle = math.floor((low + high) / 2)
  if age(middle) < per then low = middle + 1 else high = middle end
end
local used = low

if used + units > limit then return { per - age(limit - units), used } end
for _ = 1, units do redis.call('LPUSH', key, string.format('%.0f', now)) end
redis.call('LTRIM', key, 0, limit - 1)
redis.call('PEXPIRE', key, math.ceil(per / 1000) + 1000)
return { 0, used + units }
`)
