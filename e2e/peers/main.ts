// A scripted peer: `node --import tsx e2e/peers/main.ts <server> <channel id> <behaviour>`. Ends by its signal.
import { parseChannelId } from '#protocol/ids';
import { BEHAVIOURS, FLOOD_MEMBERS, type BehaviourName } from './behaviours.ts';
import { ChannelCopy } from './channel-copy.ts';
import { joinSwarm } from './swarm-member.ts';

const [serverUrl, channelText, behaviourName] = process.argv.slice(2);
if (serverUrl === undefined || channelText === undefined || behaviourName === undefined || !(behaviourName in BEHAVIOURS)) {
  throw new Error(`A server, a channel and one of ${Object.keys(BEHAVIOURS).join(', ')} are needed.`);
}
const channel = parseChannelId(channelText);
const copy = await ChannelCopy.fetch(serverUrl, channel);
const members = behaviourName === 'flood' ? FLOOD_MEMBERS : 1;
for (let member = 0; member < members; member++) joinSwarm(serverUrl, channel, BEHAVIOURS[behaviourName as BehaviourName](copy));
