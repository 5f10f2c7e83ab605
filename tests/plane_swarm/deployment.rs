//! The Deployment that random lives apply.

/// The line that applies it, and its text.
pub fn applied(name: &str, replicas: u64, image: &str, grace_s: u64) -> String {
    format!(
        "kubectl apply -f - <<EOF
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      terminationGracePeriodSeconds: {grace_s}
      containers: [{{name: app, image: '{image}'}}]
EOF"
    )
}
