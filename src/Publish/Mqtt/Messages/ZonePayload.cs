using System.Text.Json;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>The part of messages that is about zones.</summary>
internal static class ZonePayload
{
    /// <summary>Zones that an event has been in; the field is there without any too.</summary>
    public static void Entered(Utf8JsonWriter json, IReadOnlyList<string> zones)
    {
        json.WriteStartArray("zones");
        foreach (var zone in zones)
        {
            json.WriteStringValue(zone);
        }

        json.WriteEndArray();
    }

    /// <summary>Where the model looks at this decision. Nothing for a camera without zones.</summary>
    public static void Now(Utf8JsonWriter json, IReadOnlyList<ZoneShare> zones)
    {
        if (zones.Count == 0)
        {
            return;
        }

        json.WriteStartArray("current_zones");
        foreach (var zone in zones)
        {
            if (zone.IsIn)
            {
                json.WriteStringValue(zone.Zone);
            }
        }

        json.WriteEndArray();
        json.WriteStartObject("attention");
        foreach (var zone in zones)
        {
            json.WriteNumber(zone.Zone, Math.Round(zone.Share, 4));
        }

        json.WriteEndObject();
    }
}
