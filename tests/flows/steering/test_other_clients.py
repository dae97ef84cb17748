"""Clients that we did not write drive the simulated camera: a zeep client, which reads by ONVIF's own schemas, and npm's."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from onvif import ONVIFCamera
from zeep.exceptions import Fault

from simulator.onvif.quirks import Quirk
from tests.flows.steering.conftest import PASSWORD, USERNAME, turning

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[3]
NODE = Path(sys.executable).with_name("node")
TOKEN = {"ProfileToken": "profile_1"}


async def test_a_zeep_client_drives_the_simulated_camera_by_onvifs_schemas() -> None:
    async with turning(password=PASSWORD) as camera:
        client = ONVIFCamera("127.0.0.1", camera.port, USERNAME, PASSWORD)
        try:
            await client.update_xaddrs()
            media = await client.create_media_service()
            (profile,) = await media.GetProfiles()
            assert profile.token == TOKEN["ProfileToken"]
            stream = {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}, **TOKEN}
            assert (await media.GetStreamUri(stream)).Uri == "rtsp://127.0.0.1:554/cam"
            ptz = await client.create_ptz_service()
            (node,) = await ptz.GetNodes()
            assert node.HomeSupported
            assert len(node.SupportedPTZSpaces.RelativePanTiltTranslationSpace) == 2
            options = await ptz.GetConfigurationOptions({"ConfigurationToken": profile.PTZConfiguration.token})
            assert options.PTZTimeout.Max.total_seconds() == 60
            turned = {"PanTilt": {"x": 0.5, "y": 0.0}, "Zoom": {"x": 0.5}}
            await ptz.ContinuousMove({**TOKEN, "Velocity": turned, "Timeout": "PT5S"})
            await asyncio.sleep(0.2)
            assert (await ptz.GetStatus(TOKEN)).MoveStatus.PanTilt == "MOVING"
            await ptz.Stop({**TOKEN, "PanTilt": True, "Zoom": True})
            assert not camera.is_moving()
            assert (await ptz.GetStatus(TOKEN)).Position.PanTilt.x > 0
            made = await ptz.SetPreset({**TOKEN, "PresetName": "Fontaine"})
            assert [each.token for each in await ptz.GetPresets(TOKEN)] == ["1", "2", made]
            await ptz.GotoPreset({**TOKEN, "PresetToken": "2"})
            assert camera.is_moving()
            await ptz.RelativeMove({**TOKEN, "Translation": {"PanTilt": {"x": 0.1, "y": 0.0}}})
            await ptz.AbsoluteMove({**TOKEN, "Position": {"PanTilt": {"x": 0.1, "y": -0.2}, "Zoom": {"x": 0.3}}})
            await ptz.GotoHomePosition(TOKEN)
            with pytest.raises(Fault, match="no such preset"):
                await ptz.GotoPreset({**TOKEN, "PresetToken": "Accueil"})
            with camera.quirks(Quirk.NO_STOP), pytest.raises(Fault, match="not supported"):
                await ptz.Stop({**TOKEN, "PanTilt": True, "Zoom": True})
        finally:
            await client.close()


@pytest.mark.processes
@pytest.mark.parametrize("login", ["token", "digest"])
async def test_npms_client_drives_the_simulated_camera(login: str) -> None:
    async with turning(password=PASSWORD) as camera:
        client = await asyncio.create_subprocess_exec(
            NODE, Path(__file__).with_name("other_client.cjs"), str(camera.port), USERNAME, PASSWORD, login,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "NODE_PATH": str(ROOT / "frontend/node_modules")},
        )  # fmt: skip
        output, failure = await client.communicate()
        assert client.returncode == 0, failure.decode()
        seen = json.loads(output)
        assert seen["stream"] == "rtsp://127.0.0.1:554/cam"
        assert seen["turning"] == seen["going"] == "MOVING"
        assert seen["turned"]
        assert seen["still"]
        assert seen["presets"] == {"Accueil": 1, "Carrefour": 2, "Fontaine": 3}
