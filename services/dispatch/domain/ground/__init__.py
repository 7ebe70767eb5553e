"""The ground that every order stands on: what the jurisdiction says once, for all of them. It knows no dispatch.

- `area`, `survey`, `territory`: areas as GeoJSON, what can be wrong with them, and where a point lies
- `routing`, `shadow`: the rules that say who has an order first, and those that can never decide
- `department`, `staff`, `unit`: whom one can ask; who is on duty and who stands in; who looks after whom
- `known`: what all of these may name: categories with their questions, areas, roles
- `ground`: one version of all of it
"""
