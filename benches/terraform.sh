#!/bin/sh
# Plans the same N connectors with Terraform and with reconcile, when nothing has changed:
#   benches/terraform.sh [N] [PASSES]
# Terraform has them as N `terraform_data` blocks, and as one block with `for_each` over N YAML files. Neither asks any
# API: a provider would add its requests, so this is a floor for it. Ours lists live by HTTP from an emulator in another
# process. `terraform_data` is built in: nothing is downloaded. Medians of PASSES runs, alternately.
set -eu
N=${1:-200}
PASSES=${2:-3}
if ! command -v terraform >/dev/null; then
    echo "terraform is not installed: https://developer.hashicorp.com/terraform/install, then run this again" >&2
    exit 69
fi
root=$(cd "$(dirname "$0")/.." && pwd)
cargo build --quiet --release --manifest-path "$root/Cargo.toml"
ours=$root/target/release/reconcile
work=$(mktemp -d)
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator"
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
mkdir "$work/blocks" "$work/foreach" "$work/foreach/manifests"

i=0
while [ "$i" -lt "$N" ]; do
    name=$(printf 'connector-%06d' "$i")
    namespace=$(printf 'namespace-%02d' $((i % 20)))
    cat >"$work/foreach/manifests/$name.yaml" <<YAML
apiVersion: reconcile/v1
kind: FlinkConnector
metadata:
  name: $name
spec:
  workspaceId: workspace-a
  namespaceName: $namespace
  connectorName: $name
  connectorType: type-$name
  jarUrl: oss://artifacts/connectors/$name-1.4.2.jar
  source: true
  sink: true
  supportedFormats: [json, avro, debezium-json]
YAML
    cat >>"$work/blocks/main.tf" <<HCL
resource "terraform_data" "$name" {
  input = {
    workspaceId      = "workspace-a"
    namespaceName    = "$namespace"
    connectorName    = "$name"
    connectorType    = "type-$name"
    jarUrl           = "oss://artifacts/connectors/$name-1.4.2.jar"
    source           = true
    sink             = true
    supportedFormats = ["json", "avro", "debezium-json"]
  }
}
HCL
    i=$((i + 1))
done
cat >"$work/foreach/main.tf" <<'HCL'
locals {
  manifests = { for file in fileset("${path.module}/manifests", "*.yaml") :
    file => yamldecode(file("${path.module}/manifests/${file}")) }
}
resource "terraform_data" "connector" {
  for_each = local.manifests
  input    = each.value.spec
}
HCL

export CHECKPOINT_DISABLE=1
for folder in blocks foreach; do
    (cd "$work/$folder" && terraform init -input=false >/dev/null && terraform apply -input=false -auto-approve >/dev/null)
done

mkfifo "$work/ready"
"$ours" emulator >"$work/ready" &
emulator=$!
read -r ready <"$work/ready"
text() { printf '%s' "$ready" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
export ALIBABA_CLOUD_ACCESS_KEY_ID="$(text accessKeyId)" ALIBABA_CLOUD_ACCESS_KEY_SECRET="$(text accessKeySecret)"
endpoint=$(text ververica)
reconcile() {
    (cd "$work/foreach" && "$ours" "$@" --quiet --profile local --state ../state --ververica-endpoint "$endpoint" >/dev/null)
}
reconcile apply manifests --yes

# One run, in milliseconds, on a line of the named file; it must find nothing to do.
timed() {
    name=$1
    shift
    begin=$(date +%s%N)
    "$@"
    echo $((($(date +%s%N) - begin) / 1000000)) >>"$work/$name.ms"
}
planned() { (cd "$work/$1" && terraform plan -input=false -detailed-exitcode >/dev/null); }
pass=0
while [ "$pass" -lt "$PASSES" ]; do
    timed blocks planned blocks
    timed foreach planned foreach
    timed ours reconcile plan manifests --detailed-exitcode
    pass=$((pass + 1))
done
median() { sort -n "$work/$1.ms" | sed -n "$(((PASSES + 1) / 2))p"; }
ratio() { awk "BEGIN { printf \"%.0f\", $1 / $2 }"; }
mine=$(median ours)
echo "$N connectors, nothing changed, median of $PASSES plans; $(terraform version | head -n 1), $("$ours" --version)"
echo
echo "| plan | ms | of ours |"
echo "|---|--:|--:|"
echo "| Terraform, $N \`terraform_data\` blocks, no API call | $(median blocks) | $(ratio "$(median blocks)" "$mine") x |"
echo "| Terraform, \`for_each\` over $N YAML files, no API call | $(median foreach) | $(ratio "$(median foreach)" "$mine") x |"
echo "| reconcile, $N YAML files, live listed by HTTP | $mine | 1 x |"
