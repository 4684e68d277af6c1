{{- define "bonus-adapter.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "bonus-adapter.selector" -}}
app.kubernetes.io/name: bonus-adapter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "bonus-adapter.labels" -}}
{{ include "bonus-adapter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "bonus-adapter.secret" -}}
{{- .Values.secrets.existing | default (include "bonus-adapter.name" .) -}}
{{- end -}}
