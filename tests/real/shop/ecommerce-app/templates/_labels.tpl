{{- define "shop.labels" -}}
app: {{ .name }}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: ecommerce-app
app.kubernetes.io/component: microservice
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}
