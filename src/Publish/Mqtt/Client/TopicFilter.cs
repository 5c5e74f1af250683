namespace ActionStream.Publish.Mqtt.Client;

/// <summary>Whether a topic is one that a subscription with wildcards asks for; brokers decide alike.</summary>
internal static class TopicFilter
{
    /// <param name="filter">`+` stands for one level, `#` at the end for all that follow.</param>
    public static bool Matches(string filter, string topic)
    {
        var (wanted, given) = (filter.Split('/'), topic.Split('/'));
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == "#")
            {
                return true;
            }

            if (i >= given.Length || (wanted[i] != "+" && wanted[i] != given[i]))
            {
                return false;
            }
        }

        return wanted.Length == given.Length;
    }
}
