"""The OpenAPI document: the ways to be refused are the same everywhere, and said in one place."""

from http.client import responses
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from slipway.interfaces.api.frame.values import Problem

_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSED = {
    status: {"description": responses[status], "content": _PROBLEM}
    for status in (400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 431, 500, 503)
}


class DocumentedApi(NinjaAPI):
    """Declared endpoint by endpoint, each refusal would be a model of its own: 1,400 of them, a
    fifth of the web process's start."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name by which clients that were generated know it: no room is in it."""
        view = operation.view_func
        module = view.__module__.rpartition(".")[2]
        return f"slipway_interfaces_api_{module}_{view.__name__}"

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"] = {**_REFUSED, **operation["responses"]}
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return document
