module reconcile-check-metrics

go 1.19

require github.com/prometheus/client_golang v1.17.0

require (
	github.com/golang/protobuf v1.5.3 // indirect
	github.com/matttproud/golang_protobuf_extensions v1.0.4 // indirect
	github.com/prometheus/client_model v0.4.1-0.20230718164431-9a2bf3000d16 // indirect
	github.com/prometheus/common v0.44.0 // indirect
	google.golang.org/protobuf v1.31.0 // indirect
)
