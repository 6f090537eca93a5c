-- What wrk sends: POST /v1/messages, every body different. Arguments: token, kind (single, keyed, list), a number's first digits.
local threads, n = 0, 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init(args)
  kind = args[2]
  first = args[3] .. id
  head = {["Content-Type"] = "application/json", Authorization = "Bearer " .. args[1]}
  if kind == "list" then
    local to = {}
    for k = 0, tonumber(args[4]) - 1 do to[#to + 1] = string.format('"+44%sNNNNN%03d"', first, k) end
    list = '{"to":[' .. table.concat(to, ",") .. '],"text":"Pump NNNNN is dry","report":false}'
  end
end

function request()
  n = n + 1
  local body
  if kind == "list" then
    body = string.gsub(list, "NNNNN", string.format("%05d", n))
  else
    body = string.format('{"to":"+44%s%07d","text":"Pump %d is dry","report":false}', first, n, n)
  end
  if kind == "keyed" then head["Idempotency-Key"] = "pump " .. first .. " " .. n end
  return wrk.format("POST", "/v1/messages", head, body)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"refused":%d,"cut_off":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"longest":%.3f}\n',
    summary.requests, e.status, e.connect + e.read + e.write + e.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
