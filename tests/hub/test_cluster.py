"""On Kubernetes: valid by the chart's and Kubernetes' own schemas, and closed where it must be.

There is no cluster here. What is looked at is what would be sent to one: the pod that JupyterHub's
own spawner makes of ours, the manifests, and what their policies let through.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from kubernetes_asyncio.client import ApiClient
from kubernetes_asyncio.config import kube_config
from traitlets.config import Config

from tests.founding import ROOT, found
from worksample.hub import cluster, config, settings
from worksample.hub.places import Places
from worksample.hub.pods import PodSpawner
from worksample.hub.work import Work
from worksample.limits import Limits

DEPLOY = ROOT / "deploy" / "kubernetes"
VERSION = "1.33"  # the oldest that has user namespaces for pods by default
JSON = dict[str, Any]


def manifests() -> list[JSON]:
    return list(yaml.safe_load_all((DEPLOY / "worksample.yaml").read_text()))


def values() -> JSON:
    found: JSON = yaml.safe_load((DEPLOY / "values.yaml").read_text())
    return found


def of_parts(schema: Any) -> Any:
    """The schema for what is laid over the chart's own values: nothing has to be said again."""
    if isinstance(schema, dict):
        return {name: of_parts(each) for name, each in schema.items() if name != "required"}
    return [of_parts(each) for each in schema] if isinstance(schema, list) else schema


def test_the_charts_schema_takes_our_values() -> None:
    schema = json.loads((Path(__file__).parent / "chart_values.schema.json").read_text())
    jsonschema.validate(values(), of_parts(schema))
    wrong = {**values(), "singleuser": {**values()["singleuser"], "internet": True}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, of_parts(schema))


@pytest.mark.parametrize(
    "manifest", manifests(), ids=lambda m: f"{m['kind']} {m['metadata']['name']}"
)
def test_kubernetes_takes_our_manifests(manifest: JSON) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def pods() -> Iterator[tuple[str, JSON]]:
    for each in manifests():
        if each["kind"] == "Deployment":
            yield each["metadata"]["name"], each["spec"]["template"]


def test_no_pod_of_ours_may_ask_the_cluster_or_become_more_than_it_is() -> None:
    for name, pod in pods():
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", ())):
            limits = container["securityContext"]
            assert limits["allowPrivilegeEscalation"] is False, name
            assert limits["capabilities"] == {"drop": ["ALL"]}, name
            assert not limits.get("privileged"), name


# ---- what the policies let through ----


def selects(selector: JSON, labels: Mapping[str, str]) -> bool:
    return all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items())


def reached(labels: Mapping[str, str], wanted: Mapping[str, str], port: int) -> bool:
    """Whether a pod may connect to another one's port, by every policy that there is of ours."""
    policies = [each["spec"] for each in manifests() if each["kind"] == "NetworkPolicy"]
    if labels.get("component") == "singleuser-server":
        rules = values()["singleuser"]["networkPolicy"]["egress"]
        policies.append(
            {
                "podSelector": {"matchLabels": dict(labels)},
                "policyTypes": ["Egress"],
                "egress": rules,
            }
        )
    for way, of, other in (("Egress", labels, wanted), ("Ingress", wanted, labels)):
        own = [
            each
            for each in policies
            if way in each["policyTypes"] and selects(each["podSelector"], of)
        ]
        rules = [rule for each in own for rule in each.get(way.lower(), ())]
        side = "to" if way == "Egress" else "from"
        lets = any(
            port in {each["port"] for each in rule["ports"]}
            and any(
                "podSelector" in each and selects(each["podSelector"], other) for each in rule[side]
            )
            for rule in rules
        )
        if own and not lets:
            return False
    return True


CANDIDATE = {"app": "jupyterhub", "component": "singleuser-server"}
HUB = {"app": "jupyterhub", "component": "hub"}
PROXY = {"app": "jupyterhub", "component": "proxy"}
DATABASE = {"app": "postgresql"}


def part(name: str) -> dict[str, str]:
    return {"app": "worksample", "part": name}


@pytest.mark.parametrize(
    ("who", "whom", "port", "may"),
    [
        (CANDIDATE, part("exchange"), 8888, True),
        (CANDIDATE, CANDIDATE, 8888, False),
        (CANDIDATE, part("grading"), 8888, False),
        (CANDIDATE, part("keeper"), 8888, False),
        (CANDIDATE, DATABASE, 5432, False),
        (PROXY, part("exchange"), 8888, True),
        (part("grading"), part("exchange"), 8888, False),
        (part("grading"), HUB, 8081, False),
        (part("grading"), CANDIDATE, 8888, False),
        (part("grading"), DATABASE, 5432, True),
        (part("exchange"), DATABASE, 5432, True),
        (part("exchange"), HUB, 8081, True),
        (part("keeper"), HUB, 8081, True),
        (part("exchange"), part("grading"), 8888, False),
    ],
)
def test_who_reaches_whom(who: Any, whom: Any, port: int, may: bool) -> None:
    assert reached(who, whom, port) is may


def test_a_candidates_pod_has_no_way_out() -> None:
    policy = values()["singleuser"]["networkPolicy"]
    assert policy["enabled"]
    assert not any(policy["egressAllowRules"].values())
    assert set(policy["egressAllowRules"]) == {
        *("cloudMetadataServer", "nonPrivateIPs", "privateIPs"),
        *("dnsPortsCloudMetadataServer", "dnsPortsKubeSystemNamespace", "dnsPortsPrivateIPs"),
    }, "what is not said is on"


# ---- the hub's side ----

NOWHERE = """
apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: nobody, user: {}}]
"""


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Places]:
    course = found(tmp_path / "course")
    # the spawner wants to know of a cluster as soon as it is made; this one is asked nothing
    (tmp_path / "cluster.yaml").write_text(NOWHERE)
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "cluster.yaml"))
    monkeypatch.setenv("WORKSAMPLE_COURSE", str(course.root))
    monkeypatch.setenv(config.ADDRESS, "https://work.example.org")
    monkeypatch.setattr(cluster, "_number", {"hub": "10.0.0.1", "exchange": "10.0.0.2"}.get)
    c = Config()
    # as the chart leaves it: a list of what stands under hub.services
    c.JupyterHub.services = [
        {"name": name, "api_token": "made by the chart"} for name in values()["hub"]["services"]
    ]
    cluster.configure(c)
    return c, Places(course)


async def pod_of(c: Any, name: str) -> JSON:
    from jupyterhub import orm
    from jupyterhub.objects import Hub
    from jupyterhub.user import User

    database = orm.new_session_factory("sqlite:///:memory:")()
    database.add(orm.User(name=name))
    database.commit()
    user = User(orm.User.find(database, name), {"config": c})
    hub = Hub()
    spawner = PodSpawner(config=c, user=user, hub=hub, orm_spawner=orm.Spawner(name=""))
    spawner.image = "worksample:0.1.0"
    spawner.arrange(Work(files={}, start="", limits=Limits(memory_mb=2048)))
    manifest = await spawner.get_pod_manifest()
    await spawner.api.api_client.close()
    async with ApiClient() as client:
        made: JSON = client.sanitize_for_serialization(manifest)
    return made


def test_a_candidates_pod_is_shown_their_own_home_and_nothing_else(configured: Any) -> None:
    c, _ = configured
    made = asyncio.run(pod_of(c, "ada"))
    kubernetes_validate.validate(made, VERSION, strict=True)
    (container,) = made["spec"]["containers"]
    shown = {each["mountPath"]: each for each in container["volumeMounts"]}
    of_the_course = {at: each["subPath"] for at, each in shown.items() if each["name"] == "course"}
    assert of_the_course == {
        settings.HOME: "state/homes/ada",
        "/opt/given": "state/hub/given/ada",
        settings.INSIDE: "state/hub/jupyter/plain",
    }
    written = {at for at, each in shown.items() if not each.get("readOnly")}
    assert written == {"/tmp", settings.HOME}
    resources = container["resources"]
    assert resources["limits"] == resources["requests"], "the same for every candidate"
    assert made["spec"]["automountServiceAccountToken"] is False
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    told = {each["name"]: each.get("value", "") for each in container["env"]}
    assert told["WORKSAMPLE_EXCHANGE"] == "http://10.0.0.2:8888/services/exchange/"
    assert "WORKSAMPLE_RECORDS_URL" not in told


def test_people_and_services_are_those_of_one_machine(configured: Any) -> None:
    c, places = configured
    here = Config()
    config.people(here, places)
    assert c.JupyterHub.load_roles == here.JupyterHub.load_roles
    services = {each["name"]: each for each in c.JupyterHub.services}
    assert all(each["api_token"] == "made by the chart" for each in services.values())
    own = "https://exchange--service.work.example.org/services/exchange/"
    assert services["exchange"]["oauth_redirect_uri"] == f"{own}oauth_callback"
    told = {
        each["name"]: each.get("value")
        for name, pod in pods()
        if name == "exchange"
        for each in pod["spec"]["containers"][0]["env"]
    }
    assert told["JUPYTERHUB_PUBLIC_URL"] == own
    assert c.JupyterHub.subdomain_host == "https://work.example.org"
