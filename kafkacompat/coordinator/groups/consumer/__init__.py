"""Consumer groups whose members are assigned by the coordinator. Spec: KIP-848."""
