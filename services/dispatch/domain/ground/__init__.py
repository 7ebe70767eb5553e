"""The ground that every order stands on: what the jurisdiction says once, for all of them. It knows no dispatch.

- `area`, `survey`, `territory`: areas as GeoJSON, what can be wrong with them, and where a point lies
- `leaving`, `importing`: areas that go, and who is left in them; how far an import is
- `routing`, `shadow`: the rules that say who has an order first, and those that can never decide
- `span`: from when to when on a day, for rules and hours of duty alike
- `department`, `staff`, `unit`: whom one can ask; who is on duty and who stands in; who looks after whom
- `register`: all of the staff, and as whom somebody may act while others are away
- `former`: departments and people that are no more
- `known`: what all of these may name: categories with their questions, areas, roles
- `ground`: one version of all of it
"""
