"""The pages behind the gateway: plain HTML made from the generated documents. No script, nothing from elsewhere."""
