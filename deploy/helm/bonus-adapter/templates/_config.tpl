{{/*
What the chart has to know of the adapter's own config is read from it, so that nothing is said twice. It fails where an
installation could only fail later, in a cluster, with less to say about it.
*/}}

{{/*
The text of one section, of (list . NAME), without comments. Only the section adapter is read as YAML: Helm's YAML is older than
the adapter's and refuses some of what may stand in the others, { text: title ?? "none" } for one.
*/}}
{{- define "bonus-adapter.section" -}}
{{- $text := required "config: the adapter's config.yaml, for example by --set-file config=config.yaml" (index . 0).Values.config -}}
{{- $text = regexReplaceAll "(?m)(^|[ \t])#.*$" $text "" -}}
{{- $found := "" -}}
{{- range regexReplaceAll "(?m)^(adapter|crm|mapping):" $text "\x00${1}:" | splitList "\x00" -}}
{{- if hasPrefix (printf "%s:" (index $ 1)) . }}{{ $found = . }}{{ end -}}
{{- end -}}
{{- if not $found -}}
{{- fail (printf "config: it has no section %s: is it the adapter's config.yaml, given by --set-file (not --set)? Try bonus-adapter check config.yaml" (index . 1)) -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* The section adapter as JSON. */}}
{{- define "bonus-adapter.adapter" -}}
{{- $read := fromYaml (include "bonus-adapter.section" (list . "adapter")) -}}
{{- if not (kindIs "map" $read.adapter) -}}
{{- fail (printf "config: its section adapter cannot be read: %s" (toString ($read.Error | default "it is empty"))) -}}
{{- end -}}
{{- toJson $read.adapter -}}
{{- end -}}

{{/* The public port. */}}
{{- define "bonus-adapter.port" -}}
{{- $listen := (fromJson (include "bonus-adapter.adapter" .)).listen | default ":8080" | toString -}}
{{- if regexMatch "^(127\\.|localhost|\\[::1\\])" $listen -}}
{{- fail (printf "config: adapter.listen is %s, which nobody reaches from outside of the pod: write :8080, or leave it out" $listen) -}}
{{- end -}}
{{- splitList ":" $listen | last -}}
{{- end -}}

{{/* The admin port; nothing if it is off, or on loopback as it is by default. */}}
{{- define "bonus-adapter.adminPort" -}}
{{- $adapter := fromJson (include "bonus-adapter.adapter" .) -}}
{{- $admin := $adapter.admin | default "127.0.0.1:9090" | toString -}}
{{- if not (or (eq $admin "off" "false") (regexMatch "^(127\\.|localhost|\\[::1\\])" $admin)) -}}
{{- if not $adapter.admin_keys -}}
{{- fail (printf "config: adapter.admin is %s, and there are no adapter.admin_keys: the adapter would refuse to start" $admin) -}}
{{- end -}}
{{- splitList ":" $admin | last -}}
{{- end -}}
{{- end -}}

{{/* The scheme of the public port. */}}
{{- define "bonus-adapter.scheme" -}}
{{- $tls := (fromJson (include "bonus-adapter.adapter" .)).tls | default dict -}}
{{- if $tls.acme -}}
{{- fail "config: adapter.tls.acme keeps certificates in a folder, and pods of this chart have none that stays: let the ingress have the certificate, or cert-manager renew the Secret of tls.secret" -}}
{{- end -}}
{{- ternary "HTTPS" "HTTP" (not (empty $tls.certificate)) -}}
{{- end -}}

{{/* adapter.budget in whole seconds, rounded up. */}}
{{- define "bonus-adapter.budget" -}}
{{- $budget := (fromJson (include "bonus-adapter.adapter" .)).budget | default "5s" | toString -}}
{{- if not (regexMatch "^([0-9]+m)?([0-9]+s)?([0-9]+ms)?$" $budget) -}}
{{- fail (printf "config: adapter.budget is %s, of which the chart cannot tell how long pods need to end: write whole seconds, 5s, or milliseconds, 4500ms" $budget) -}}
{{- end -}}
{{- $minutes := regexFind "^[0-9]+m([0-9]|$)" $budget | regexFind "^[0-9]+" | default "0" | int -}}
{{- $seconds := regexFind "[0-9]+s" $budget | trimSuffix "s" | default "0" | int -}}
{{- $part := regexFind "[0-9]+ms" $budget | trimSuffix "ms" | default "0" | int -}}
{{- add (mul 60 $minutes) $seconds (div (add $part 999) 1000) -}}
{{- end -}}

{{/* How long a pod may take to end: the pause before, and what docs/operations.md promises. */}}
{{- define "bonus-adapter.grace" -}}
{{- $least := add .Values.drainSeconds (include "bonus-adapter.budget" .) 2 | int -}}
{{- if .Values.terminationGracePeriodSeconds -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) $least -}}
{{- fail (printf "terminationGracePeriodSeconds: %v are too few: drainSeconds, adapter.budget and two more make %d" .Values.terminationGracePeriodSeconds $least) -}}
{{- end -}}
{{- .Values.terminationGracePeriodSeconds -}}
{{- else -}}
{{- add $least 5 -}}
{{- end -}}
{{- end -}}

{{/* The ports of every URL in the config, separated by spaces. What stands in a reference is not known here. */}}
{{- define "bonus-adapter.egress" -}}
{{- $text := printf "%s\n%s" (include "bonus-adapter.section" (list . "adapter")) (include "bonus-adapter.section" (list . "crm")) -}}
{{- $reference := "\\$\\{(env|file):[^}]*\\}" -}}
{{- if not .Values.networkPolicy.to -}}
{{- range regexFindAll "(?m)\\b(base_url|url|endpoint):[ \"']*[^ \"'\\n]+" $text -1 -}}
{{- $url := regexReplaceAll "^\\w+:[ \"']*" . "" -}}
{{- if or (hasPrefix "${" $url) (regexMatch "[^:/]:\\$\\{[^}]*\\}(/|$)" $url) -}}
{{- fail (printf "networkPolicy.to: in config, %s stands in a reference, so the chart cannot tell its port: name it, for example [{ports: [{port: 443, protocol: TCP}]}]" (splitList ":" . | first)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $ports := list -}}
{{- range $url := regexFindAll "(https?|rediss?)://[^\\s\"',}/?]+" (regexReplaceAll $reference $text "x") -1 -}}
{{- $port := ternary "443" "80" (hasPrefix "https:" $url) -}}
{{- if hasPrefix "redis" $url }}{{ $port = "6379" }}{{ end -}}
{{- $port = regexFind ":[0-9]+$" ($url | splitList "@" | last) | trimPrefix ":" | default $port -}}
{{- $ports = append $ports (int $port) -}}
{{- end -}}
{{- join " " ($ports | uniq | sortAlpha) -}}
{{- end -}}

{{/* 90 per cent of the memory that a container may take, as Go writes it; nothing without a limit. */}}
{{- define "bonus-adapter.memory" -}}
{{- with (.Values.resources.limits | default dict).memory -}}
{{- $limit := toString . -}}
{{- $factor := dict "Mi" 1048576 "Gi" 1073741824 "M" 1000000 "G" 1000000000 "" 1 -}}
{{- if not (regexMatch "^[0-9]+(Mi|Gi|M|G)?$" $limit) -}}
{{- fail (printf "resources.limits.memory: %s: write it in Mi or Gi, so that the adapter can be told of it" $limit) -}}
{{- end -}}
{{- div (mul (regexFind "^[0-9]+" $limit) (get $factor (regexFind "[MGi]+$" $limit)) 9) 10 -}}
{{- end -}}
{{- end -}}

{{/* Nothing; it fails if the config refers to what a pod will not have. */}}
{{- define "bonus-adapter.references" -}}
{{- $text := printf "%s\n%s" (include "bonus-adapter.section" (list . "adapter")) (include "bonus-adapter.section" (list . "crm")) -}}
{{- $_ := include "bonus-adapter.section" (list . "mapping") -}}
{{- $given := list -}}
{{- range .Values.env }}{{ $given = append $given .name }}{{ end -}}
{{- range regexFindAll "\\$\\{env:[^}]*\\}" $text -1 -}}
{{- $name := . | trimPrefix "${env:" | trimSuffix "}" -}}
{{- if not (has $name $given) -}}
{{- fail (printf "config: ${env:%s} is not among env: write ${file:/run/secrets/bonus-adapter/%s}, which is a key of the Secret, or add it to env" $name $name) -}}
{{- end -}}
{{- end -}}
{{- if not .Values.secrets.existing -}}
{{- range regexFindAll "\\$\\{file:/run/secrets/bonus-adapter/[^}]*\\}" $text -1 -}}
{{- $name := . | trimPrefix "${file:/run/secrets/bonus-adapter/" | trimSuffix "}" -}}
{{- if not (hasKey $.Values.secrets.data $name) -}}
{{- fail (printf "secrets.data: %s is missing, to which config refers" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (contains "${file:/run/secrets/tls/" $text) (not .Values.tls.secret) -}}
{{- fail "tls.secret: the config refers to /run/secrets/tls, and no Secret is named that is mounted there" -}}
{{- end -}}
{{- end -}}
