{{/*
The labels that Helm asks for. They stand on objects only, never in selectors or on pods: an upgrade
of the chart must neither orphan nor restart what runs.
*/}}
{{- define "corporate-intel.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/*
An image from its repository, tag and digest. A digest wins over a tag that has moved.
*/}}
{{- define "corporate-intel.image" -}}
{{- required "an image has no repository" .repository }}
{{- with .tag }}:{{ . }}{{ end }}
{{- with .digest }}@{{ . }}{{ end }}
{{- end }}
